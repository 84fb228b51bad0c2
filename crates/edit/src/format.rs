//! The file formats, found by file name.

use slipway_core::text::quoted;
use slipway_core::{Error, ErrorKind, Result};

use crate::key_path::KeyPath;
use crate::splice::Splice;
use crate::structure::Structure;
use crate::tree::{Kind, NodeId, Style, Tree};
use crate::value::Value;
use crate::{dockerfile, hcl, json, properties, python, text, toml, xml, yaml};

/// A file format that values can be edited in. The constants here know how to set values; those of [`Format::ALL`] also
/// how to add and remove keys and items.
#[derive(Clone, Copy)]
pub struct Format {
    pub(crate) name: &'static str,
    /// Extensions, with their dot in front, beginnings of names, with a dot behind, and whole names; in lower case.
    pub(crate) file_names: &'static [&'static str],
    pub(crate) syntax: &'static dyn Syntax,
    /// How keys and items are added and removed; none where that is not linked, or cannot be.
    pub(crate) structure: Option<&'static dyn Structure>,
}

/// What a format must be able to do; everything else is common to all.
pub(crate) trait Syntax: Sync {
    /// Reads a file.
    fn parse<'s>(&self, source: &'s str) -> Result<Tree<'s>>;
    /// The edit that gives a scalar a new value in its old style.
    fn write(&self, tree: &Tree<'_>, scalar: NodeId, value: &Value) -> Result<Written>;
    /// Whether readers take a scalar for text.
    fn is_text(&self, tree: &Tree<'_>, scalar: NodeId) -> bool {
        !matches!(tree.nodes[scalar].kind, Kind::Scalar { style: Style::Plain, .. })
    }
    /// A path as the format reads it.
    fn path(&self, path: &KeyPath) -> KeyPath {
        path.clone()
    }
    /// Why the collection at a path, which should be a value, says that its value stands elsewhere.
    fn stands_elsewhere(&self, _tree: &Tree<'_>, _node: NodeId) -> Option<Error> {
        None
    }
}

/// An edit of a scalar, and what a reader will find afterwards.
pub(crate) struct Written {
    pub(crate) splice: Splice,
    /// The decoded value.
    pub(crate) value: String,
    /// Whether it is taken for text.
    pub(crate) is_text: bool,
}

impl Format {
    /// YAML 1.1 and 1.2, any number of documents.
    pub const YAML: Self = yaml::FORMAT;
    /// JSON and JSONC.
    pub const JSON: Self = json::FORMAT;
    /// TOML 1.1.
    pub const TOML: Self = toml::FORMAT;
    /// HCL: Terraform, OpenTofu, Packer, Nomad. A block is reached by its type and its labels.
    pub const HCL: Self = hcl::FORMAT;
    /// Dockerfiles, of which the images and the defaults of `ARG` are values.
    pub const DOCKERFILE: Self = dockerfile::FORMAT;
    /// XML 1.0, with elements by their local names and attributes as `@name`.
    pub const XML: Self = xml::FORMAT;
    /// Java properties. A key may hold dots: `app.version` is one key.
    pub const PROPERTIES: Self = properties::PROPERTIES;
    /// Files of environment variables.
    pub const DOTENV: Self = properties::DOTENV;
    /// Python modules, of which only top-level assignments of plain strings are values.
    pub const PYTHON: Self = python::FORMAT;
    /// Files that hold one line, at the path `version`.
    pub const WHOLE: Self = text::WHOLE;
    /// Text of any kind whose values are marked by comments: `slipway:version` in their line, or `slipway:begin version`
    /// and `slipway:end` around them. No file name stands for it.
    pub const MARKED: Self = text::MARKED;
    /// Text of any kind without values of its own, for regular expressions. No file name stands for it.
    pub const TEXT: Self = text::PLAIN;

    /// The formats of files that hold the version of a program.
    pub const VERSION_FILES: &[Self] = &[
        Self::YAML,
        Self::JSON,
        Self::TOML,
        Self::XML,
        Self::PROPERTIES,
        Self::DOTENV,
        Self::PYTHON,
        Self::WHOLE,
        Self::MARKED,
    ];

    /// Every format, with the adding and removing of keys and items. Who names it links it all.
    pub const ALL: &[Self] = &[
        Self::YAML.with(&yaml::Yaml),
        Self::JSON.with(&json::Json),
        Self::TOML.with(&toml::Toml),
        Self::HCL.with(&hcl::Hcl),
        Self::XML,
        Self::PROPERTIES.with(&properties::Properties),
        Self::DOTENV.with(&properties::Dotenv),
        Self::DOCKERFILE,
        Self::PYTHON,
        Self::WHOLE,
        Self::MARKED,
        Self::TEXT,
    ];

    /// The same format, with the adding and removing of keys and items.
    pub fn editable(self) -> Self {
        Self::ALL.iter().copied().find(|format| *format == self).unwrap_or(self)
    }

    const fn with(self, structure: &'static dyn Structure) -> Self {
        Self { structure: Some(structure), ..self }
    }

    /// The one of these formats that a file has, by its name; folders before it do not matter.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`] if none of them has such names.
    pub fn of_file(path: &str, formats: &[Self]) -> Result<Self> {
        let name = path.rsplit(['/', '\\']).next().unwrap_or(path).to_ascii_lowercase();
        let is_called = |known: &str| {
            name == known
                || known.starts_with('.') && name.ends_with(known)
                || known.ends_with('.') && name.starts_with(known)
        };
        let claims = |format: &&Self| format.file_names.iter().any(|known| is_called(known));
        formats.iter().find(claims).copied().ok_or_else(|| {
            let mut known = formats.iter().flat_map(|format| format.file_names).copied();
            Error::new(ErrorKind::InvalidInput, format!("`{path}` is of no format that can be edited"))
                .hint(format!("files are known by their names: {}", quoted(&mut known)))
        })
    }

    /// The name of the format, in lower case.
    pub fn name(&self) -> &'static str {
        self.name
    }
}

impl std::fmt::Debug for Format {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name)
    }
}

impl PartialEq for Format {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Eq for Format {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_known_by_their_names() {
        for path in ["values.yaml", "envs/prod/VALUES.YML", "overlays/prod/Kustomization", "a\\b.yml", ".yaml"] {
            assert_eq!(Format::of_file(path, Format::ALL).expect(path), Format::YAML);
        }
        for path in ["Cargo.toml", "crates/a/Cargo.lock", "pyproject.toml", "uv.lock"] {
            assert_eq!(Format::of_file(path, Format::ALL).expect(path), Format::TOML);
        }
        for (path, format) in [
            ("gradle.properties", Format::PROPERTIES),
            ("prod.env", Format::DOTENV),
            ("src/shop/__init__.py", Format::PYTHON),
            ("version.txt", Format::WHOLE),
            ("main.tf", Format::HCL),
            ("prod.auto.tfvars", Format::HCL),
            ("x.pkrvars.hcl", Format::HCL),
            ("shop.nomad", Format::HCL),
            ("app/Dockerfile", Format::DOCKERFILE),
            ("Dockerfile.prod", Format::DOCKERFILE),
            ("web.Containerfile", Format::DOCKERFILE),
            (".env.production", Format::DOTENV),
            ("a/VERSION", Format::WHOLE),
        ] {
            assert_eq!(Format::of_file(path, Format::ALL).expect(path), format);
        }
        let version_files = Format::of_file("main.tf", Format::VERSION_FILES).expect_err("no version file");
        assert!(!version_files.to_string().contains("`.tf`") && version_files.to_string().contains("`.toml`"));
        for path in ["pom.xml", "src/Shop.csproj", "Directory.Build.props"] {
            assert_eq!(Format::of_file(path, Format::ALL).expect(path), Format::XML);
        }
        for path in ["package.json", "a/package-lock.json", "tsconfig.jsonc"] {
            assert_eq!(Format::of_file(path, Format::ALL).expect(path), Format::JSON);
        }
        for path in ["yaml", "package-lock", "values.yaml.tpl", "", "a.yaml/b", "kustomization.txt"] {
            assert_eq!(Format::of_file(path, Format::ALL).expect_err(path).kind(), ErrorKind::InvalidInput);
        }
    }
}
