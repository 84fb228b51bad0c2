//! Texts that were validated: one macro for all the types that are a checked text and nothing else.

/// Defines a type for a text that a function has checked: `FromStr` and `Deserialize` run the check, so having a value means that it holds.
///
/// `validated_text! { /// What it is. TypeName, check }`, where `check: fn(&str) -> Result<()>`.
#[macro_export]
macro_rules! validated_text {
    ($(#[doc = $doc:literal])+ $type:ident, $check:expr) => {
        $(#[doc = $doc])+
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $type(String);

        impl $type {
            /// The text as it was given.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl std::fmt::Display for $type {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl std::str::FromStr for $type {
            type Err = $crate::Error;

            fn from_str(text: &str) -> $crate::Result<Self> {
                let check: fn(&str) -> $crate::Result<()> = $check;
                check(text)?;
                Ok(Self(text.into()))
            }
        }

        impl<'de> serde::Deserialize<'de> for $type {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
                let text = <String as serde::Deserialize>::deserialize(deserializer)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }

        impl serde::Serialize for $type {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
                serializer.serialize_str(&self.0)
            }
        }
    };
}
