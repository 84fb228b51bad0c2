//! Embeds the starters and the reusable workflows, so that one program is all that an adopter needs.
#![expect(clippy::disallowed_methods, reason = "cargo runs it, on the machine that builds")]

use std::env;
use std::fmt::Write;
use std::fs;
use std::path::Path;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = env::var("CARGO_MANIFEST_DIR")?;
    let github = Path::new(&folder).join("../../.github");
    let mut code = String::new();
    for (table, name) in [("TEMPLATES", "workflow-templates"), ("WORKFLOWS", "workflows")] {
        let folder = github.join(name);
        println!("cargo::rerun-if-changed={}", folder.display());
        let mut files = Vec::new();
        for entry in fs::read_dir(&folder).into_iter().flatten() {
            let path = entry?.path();
            if path.extension().is_some_and(|extension| extension == "yml") {
                println!("cargo::rerun-if-changed={}", path.display());
                files.push(path);
            }
        }
        files.sort();
        writeln!(code, "const {table}: &[(&str, &str)] = &[")?;
        for path in files {
            let name = path.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
            let path = path.display().to_string();
            writeln!(code, "    (\"{name}\", include_str!(\"{}\")),", path.escape_default())?;
        }
        writeln!(code, "];")?;
    }
    fs::write(Path::new(&env::var("OUT_DIR")?).join("embedded.rs"), code)?;
    Ok(())
}
