//! The names that environments go by.

/// Words in the names of files and directories, and how near to the users such an environment is.
const WORDS: [(&str, u8); 17] = [
    ("dev", 0),
    ("develop", 0),
    ("development", 0),
    ("test", 1),
    ("testing", 1),
    ("qa", 1),
    ("integration", 1),
    ("uat", 2),
    ("stage", 3),
    ("staging", 3),
    ("preprod", 4),
    ("pre-production", 4),
    ("prod", 5),
    ("production", 5),
    ("live", 5),
    ("prd", 5),
    ("stg", 3),
];

/// How near to the users an environment of this name is, if it is the name of one.
pub(crate) fn rank(name: &str) -> Option<u8> {
    WORDS.iter().find(|(word, _)| *word == name).map(|(_, rank)| *rank)
}

/// The name that an environment is usually called by in full.
pub(crate) fn usual_name(name: &str) -> &str {
    match name {
        "dev" | "develop" => "development",
        "stage" | "stg" => "staging",
        "prod" | "prd" | "live" => "production",
        other => other,
    }
}

/// The environment that a path is about, with its directory: the first part of the path that is such a name.
pub(super) fn of_path(path: &str) -> Option<(&str, &str)> {
    let mut start = 0;
    for (end, _) in path.match_indices('/') {
        let part = &path[start..end];
        if rank(part).is_some() {
            return Some((part, &path[..end]));
        }
        start = end + 1;
    }
    None
}

/// The environment that a file's name is about: `values-staging.yaml`, `staging.yaml`, `app.production.json`.
pub(super) fn of_file_name(name: &str) -> Option<&str> {
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    if rank(stem).is_some() {
        return Some(stem);
    }
    let cut = stem.rfind(['-', '_', '.'])?;
    Some(&stem[cut + 1..]).filter(|word| rank(word).is_some())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_environments_are_found_in_paths() {
        for (path, found) in [
            ("overlays/staging/kustomization.yaml", Some(("staging", "overlays/staging"))),
            ("prod/eu/app.yaml", Some(("prod", "prod"))),
            ("products/app.yaml", None),
            ("staging.yaml", None),
        ] {
            assert_eq!(of_path(path), found, "{path}");
        }
        for (name, found) in [
            ("values-staging.yaml", Some("staging")),
            ("prod.yaml", Some("prod")),
            ("task.production.json", Some("production")),
            ("values.yaml", None),
            ("values-eu.yaml", None),
        ] {
            assert_eq!(of_file_name(name), found, "{name}");
        }
    }
}
