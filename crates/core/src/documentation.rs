//! Texts that only people at a terminal and readers of generated documents see.

/// A text of `--help`, of a README or of a schema. Modules show none of these, and leave them out.
pub const fn documentation(text: &'static str) -> &'static str {
    if cfg!(target_family = "wasm") { "" } else { text }
}
