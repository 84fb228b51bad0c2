//! action.yml and the README's tables, from the tables in code.

use slipway_core::Action;
use slipway_core::report::COMMON_OUTPUTS;

use super::Card;

/// The whole action.yml.
pub(crate) fn action_yml<A: Action>(card: &Card) -> String {
    let mut yml = format!(
        "name: {}\ndescription: {}\nauthor: Slipway\nbranding:\n  icon: {}\n  color: {}\ninputs:\n",
        card.title,
        quoted(A::ABOUT),
        card.icon,
        card.color
    );
    for spec in A::INPUTS {
        yml += &format!("  {}:\n    description: {}\n    required: {}\n", spec.name, quoted(spec.about), spec.required);
        match spec.expression {
            Some(expression) => yml += &format!("    default: {expression}\n"),
            None if spec.default.is_empty() => {}
            None => yml += &format!("    default: {}\n", quoted(spec.default)),
        }
    }
    yml += "outputs:\n";
    for output in A::OUTPUTS.iter().chain(&COMMON_OUTPUTS) {
        yml += &format!("  {}:\n    description: {}\n", output.name, quoted(output.about));
    }
    yml + &format!("runs:\n  using: node24\n  main: ../../dist/{}/index.js\n", A::NAME)
}

/// A YAML scalar in single quotes, in which only the quote itself is special.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

/// The README with its tables under `## Inputs` and `## Outputs` replaced.
pub(crate) fn readme<A: Action>(text: &str) -> String {
    let mut inputs = "| Name | Type | Default | Description |\n| :-- | :-- | :-- | :-- |\n".to_owned();
    for spec in A::INPUTS {
        let default = match (spec.expression, spec.default) {
            (Some(expression), _) => format!("`{expression}`"),
            (None, "") if spec.required => "required".into(),
            (None, "") => String::new(),
            (None, default) => format!("`{default}`"),
        };
        inputs += &format!("| `{}` | {} | {default} | {} |\n", spec.name, spec.kind.label(), cell(spec.about));
    }
    let mut outputs = "| Name | Description |\n| :-- | :-- |\n".to_owned();
    for output in A::OUTPUTS.iter().chain(&COMMON_OUTPUTS) {
        outputs += &format!("| `{}` | {} |\n", output.name, cell(output.about));
    }
    section(&section(text, "## Inputs\n\n", &inputs), "## Outputs\n\n", &outputs)
}

pub(crate) fn cell(text: &str) -> String {
    text.replace('|', "\\|")
}

/// Replaces the table that follows a heading.
pub(crate) fn section(text: &str, heading: &str, table: &str) -> String {
    let start = text.find(heading).unwrap_or_else(|| panic!("the README has no `{}`", heading.trim())) + heading.len();
    let rows: usize = text[start..].split_inclusive('\n').take_while(|line| line.starts_with('|')).map(str::len).sum();
    format!("{}{table}{}", &text[..start], &text[start + rows..])
}
