//! Assignments in Python modules.

use serde_json::{Value, json};
use slipway_edit::Format;

use crate::{assert_all_pass_in, changes, refused};

fn set(path: &str, value: impl Into<Value>) -> Value {
    json!({"op": "set", "path": path, "value": value.into()})
}

const VERSION: &str = "__version__";

#[test]
fn top_level_strings_are_set_in_their_quotes() {
    let module = "\u{feff}\"\"\"Doc.\r\n__version__ = \"0\"\r\n\"\"\"\r\n# __version__ = \"0\"\r\n__version__ = '1.4.0'  # c\r\nif x:\r\n    __version__ = \"0\"\r\n\
                  f(\r\n__version__=\"0\")\r\nd = {\"__version__\": \"0\"}";
    assert_all_pass_in(
        Format::PYTHON,
        &[
            changes(set(VERSION, "1.5.0"), module, &module.replace("1.4.0", "1.5.0")),
            changes(set(VERSION, "2"), "__version__: str = \"1\"", "__version__: str = \"2\""),
            changes(
                set(VERSION, "2"),
                "__version__: Final[Literal['x']] = '1'; y = 3\n",
                "__version__: Final[Literal['x']] = '2'; y = 3\n",
            ),
            changes(set(VERSION, "2"), "__version__=\\\n  u\"1\"\n", "__version__=\\\n  u\"2\"\n"),
            changes(set(VERSION, "2"), "__version__ = \"\"\"1\"\"\"\n", "__version__ = \"\"\"2\"\"\"\n"),
            changes(set(VERSION, "2"), "__version__ = r'\\d'\n", "__version__ = r'2'\n"),
            changes(set(VERSION, "it's"), "__version__ = '1'\n", "__version__ = \"it's\"\n"),
            changes(set(VERSION, "\\\n\u{1}"), "__version__ = r'1'\n", "__version__ = \"\\\\\\n\\u0001\"\n"),
            changes(set(VERSION, "A"), "__version__ = '\\x41'\n", "__version__ = '\\x41'\n"),
        ],
    );
}

#[test]
fn what_is_computed_is_refused() {
    let refusals = [
        "__version__ = f'{x}'",
        "__version__ = '1' '2'",
        "__version__ = '1' + '2'",
        "__version__ = b'1'",
        "__version__ = ('1')",
        "__version__ = ('1', '2')",
        "__version__ = f('1')",
        "__version__ = x = '1'",
        "__version__ = 1",
        "__version__ = x",
        "__version__ = '\\N{BULLET}'",
        "__version__ = ",
        "__version__ += '1'",
        "__version__ == '1'",
        "__version__: str",
        "x.__version__ = '1'",
        "x = 1; __version__ = '1'",
        " __version__ = '1'",
        "class A: __version__ = '1'",
        "else: __version__ = '1'",
        "(__version__ := '1')",
        "__version__, x = '1', '2'",
        "for __version__ in '1': pass",
    ];
    let cases: Vec<Value> =
        refusals.iter().map(|source| refused(set(VERSION, "2"), source, "path-not-found")).collect();
    assert_all_pass_in(Format::PYTHON, &cases);
    assert_all_pass_in(
        Format::PYTHON,
        &[
            refused(set(VERSION, "2"), "__version__ = '1'\n__version__ = '2'\n", "duplicate-key"),
            refused(set(VERSION, "2"), "__version__ = '1\n'", "invalid-file"),
            refused(set(VERSION, "2"), "__version__ = '''1", "invalid-file"),
            refused(set(VERSION, "2"), "__version__ = '1'\nx = (", "invalid-file"),
            refused(set(VERSION, "2"), &"(".repeat(4_000_000), "invalid-file"),
            refused(set(VERSION, "2"), &"x = '\\".repeat(600_000), "path-not-found"),
            refused(set(VERSION, "2"), &"x = 'a' 'b'\n".repeat(300_000), "path-not-found"),
        ],
    );
}
