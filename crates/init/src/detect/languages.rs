//! Languages, by the files that their builds start from.

use super::Detector;
use crate::findings::{Findings, Language};
use crate::snapshot::{Snapshot, directory};

pub(super) const DETECTOR: Detector = Detector { wants: |_| false, detect };

/// A language: its name, the files that tell, the usual test, the usual check.
type Row = (&'static str, &'static [&'static str], &'static str, &'static str);

const LANGUAGES: &[Row] = &[
    ("Rust", &["Cargo.toml"], "cargo test --locked", "cargo clippy --locked -- --deny warnings"),
    ("Go", &["go.mod"], "go test ./...", "go vet ./..."),
    ("JavaScript", &["package.json"], "npm ci && npm test", "npm ci && npm run lint --if-present"),
    ("Python", &["pyproject.toml", "setup.py", "requirements.txt"], "python -m pytest", "python -m compileall -q ."),
    ("Java (Maven)", &["pom.xml"], "mvn --batch-mode verify", "mvn --batch-mode validate"),
    ("Java or Kotlin (Gradle)", &["build.gradle", "build.gradle.kts"], "./gradlew test", "./gradlew check -x test"),
    (".NET", &["global.json", "Directory.Build.props"], "dotnet test", "dotnet format --verify-no-changes"),
    ("Ruby", &["Gemfile"], "bundle exec rake test", "bundle exec rake -T"),
    ("PHP", &["composer.json"], "composer install && composer test", "composer validate"),
    ("Elixir", &["mix.exs"], "mix test", "mix format --check-formatted"),
];

/// Directories that hold no product.
const OTHER: [&str; 7] = ["test", "tests", "example", "examples", "fixtures", "vendor", "third_party"];

fn detect(snapshot: &Snapshot, findings: &mut Findings) {
    for (name, files, test, lint) in LANGUAGES {
        // The one nearest to the top tells.
        let is_product = |path: &&str| !directory(path).split('/').any(|part| OTHER.contains(&part));
        let nearest = snapshot.named(files).filter(is_product).min_by_key(|path| (path.matches('/').count(), *path));
        let extension = snapshot
            .paths
            .iter()
            .map(String::as_str)
            .filter(is_product)
            .find(|path| *name == ".NET" && is_dotnet(path));
        let Some(file) = nearest.or(extension) else { continue };
        findings.languages.push(Language { name, file: file.into(), test, lint });
    }
    // What lies nearest to the top is what the repository is about.
    findings.languages.sort_by_key(|language| language.file.matches('/').count());
}

fn is_dotnet(path: &str) -> bool {
    [".csproj", ".fsproj", ".sln", ".slnx"].iter().any(|extension| path.ends_with(extension))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn languages_are_known_by_their_files() {
        for (file, name) in [
            ("Cargo.toml", "Rust"),
            ("services/api/go.mod", "Go"),
            ("package.json", "JavaScript"),
            ("requirements.txt", "Python"),
            ("pom.xml", "Java (Maven)"),
            ("app/build.gradle.kts", "Java or Kotlin (Gradle)"),
            ("src/Shop/Shop.csproj", ".NET"),
            ("Gemfile", "Ruby"),
        ] {
            let found = super::super::found(&DETECTOR, [(file, "")]);
            assert_eq!(found.languages.iter().map(|language| language.name).collect::<Vec<_>>(), [name], "{file}");
        }
        for file in ["tests/fixtures/package.json", "vendor/x/requirements.txt", "examples/a/A.csproj"] {
            assert!(super::super::found(&DETECTOR, [(file, "")]).languages.is_empty(), "{file}");
        }
    }
}
