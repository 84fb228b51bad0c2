//! The properties of every format.

use crate::corpus;
use crate::format::Format;

const FILES: &[&str] = &[
    "#!/usr/bin/env python3\n\"\"\"Doc\n__version__ = \"9\"\n\"\"\"\nfrom a import b\n__version__ = \"1.2.3\"  # c\nVERSION = '1.2.3'\nname: str = r'x'\n",
    "\u{feff}__version__=u\"1\"\r\nx = '''a\r\nb'''\r\ny = \"a\\tb\\x41\\u00e9\"\r\nif x:\r\n    __version__ = \"2\"",
    "a = \\\n  'b'\nc = (\n  'd'\n)\ne = f'{a}'\ng = 'h' 'i'\nj = 1\nk = l = 'm'\nn = 'o'; p = 'q'\nr['s'] = 't'\nu.v = 'w'\nx += 'y'\nz == 'a'\nd = {\n'k': 'v',\n}\n",
];

#[test]
fn each_value_is_replaced_alone() {
    corpus::each_value_is_replaced_alone(Format::PYTHON, FILES, 8);
}

#[test]
fn any_text_is_read_back_or_refused() {
    corpus::any_text_is_read_back_or_refused(Format::PYTHON, FILES);
}

#[test]
fn broken_files_are_errors_and_never_panics() {
    corpus::broken_files_are_errors_and_never_panics(Format::PYTHON, FILES);
}
