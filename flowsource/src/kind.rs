//! Which values a type of Rust takes, and which a type of flow admits.
//!
//! Types of Rust are known by how they are written. One that is not known is taken for one that takes everything: then
//! nothing is said here, and a value of the wrong kind is an error of the job.

use syn::{GenericArgument, Path, PathArguments, Type};

/// A kind of values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Null,
    Boolean,
    Number,
    String,
    Array,
    Object,
}

/// What a type of Rust takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Takes {
    /// The kind; none for anything at all.
    kind: Option<Kind>,
    /// Whether null is taken as well.
    or_null: bool,
}

impl Takes {
    const ANYTHING: Takes = Takes { kind: None, or_null: true };

    /// What a type of Rust takes, as it is written.
    pub(crate) fn of(ty: &Type) -> Takes {
        match ty {
            Type::Reference(reference) => Takes::of(&reference.elem),
            Type::Slice(_) => Takes::only(Kind::Array),
            Type::Paren(inner) => Takes::of(&inner.elem),
            Type::Group(inner) => Takes::of(&inner.elem),
            Type::Path(path) => Takes::of_path(&path.path),
            _ => Takes::ANYTHING,
        }
    }

    const fn only(kind: Kind) -> Takes {
        Takes { kind: Some(kind), or_null: false }
    }

    fn of_path(path: &Path) -> Takes {
        let Some(last) = path.segments.last() else { return Takes::ANYTHING };
        match last.ident.to_string().as_str() {
            "bool" => Takes::only(Kind::Boolean),
            "f64" | "i64" | "u64" | "usize" | "Number" => Takes::only(Kind::Number),
            "str" | "String" | "ArcStr" => Takes::only(Kind::String),
            "Vec" | "Elements" => Takes::only(Kind::Array),
            "Object" | "Map" => Takes::only(Kind::Object),
            "Arc" => argument(path).map_or(Takes::ANYTHING, Takes::of),
            "Option" => Takes { or_null: true, ..argument(path).map_or(Takes::ANYTHING, Takes::of) },
            _ => Takes::ANYTHING,
        }
    }

    /// Whether a value of this type of flow may be one that is taken. Words that are no type are the business of the
    /// compiler of flows.
    pub(crate) fn agrees_with(self, flow_type: &str) -> bool {
        let declared = match flow_type.split_once('/') {
            Some(("array", _)) => Kind::Array,
            Some(("object", _)) => Kind::Object,
            Some(_) => return true,
            None => match flow_type {
                "null" => Kind::Null,
                "boolean" => Kind::Boolean,
                "number" => Kind::Number,
                "string" => Kind::String,
                "object" => Kind::Object,
                // Nothing, or a bare `array`: arrays that are delivered there are taken apart, into anything.
                _ => return true,
            },
        };
        match declared {
            Kind::Null => self.or_null,
            declared => self.kind.is_none_or(|kind| kind == declared),
        }
    }

    /// The type of flow for an input or output that takes such values; none for anything.
    pub(crate) fn flow_type(self) -> Option<&'static str> {
        Some(match self.kind? {
            Kind::Null => "null",
            Kind::Boolean => "boolean",
            Kind::Number => "number",
            Kind::String => "string",
            Kind::Array => "array/",
            Kind::Object => "object",
        })
    }
}

/// The first type between the angles behind a path.
pub(crate) fn argument(path: &Path) -> Option<&Type> {
    let PathArguments::AngleBracketed(arguments) = &path.segments.last()?.arguments else { return None };
    arguments.args.iter().find_map(|argument| match argument {
        GenericArgument::Type(ty) => Some(ty),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn takes(rust: &str) -> Takes {
        Takes::of(&syn::parse_str(rust).unwrap())
    }

    #[test]
    fn types_have_the_flow_type_of_what_they_take() {
        for (rust, flow) in [
            ("f64", "number"),
            ("i64", "number"),
            ("usize", "number"),
            ("&Number", "number"),
            ("serde_json::Number", "number"),
            ("bool", "boolean"),
            ("&str", "string"),
            ("&'a str", "string"),
            ("ArcStr", "string"),
            ("&[Value]", "array/"),
            ("&[serde_json::Value]", "array/"),
            ("Arc<Elements>", "array/"),
            ("std::sync::Arc<flowcore::Object>", "object"),
            ("&Object", "object"),
            ("&Map<String, Value>", "object"),
            ("Option<f64>", "number"),
            ("Option<&str>", "string"),
        ] {
            assert_eq!(takes(rust).flow_type(), Some(flow), "{rust}");
        }
        for rust in ["Value", "&Value", "&serde_json::Value", "Option<Value>", "Metres", "(f64, f64)"] {
            assert_eq!(takes(rust).flow_type(), None, "{rust}");
        }
    }

    #[test]
    fn what_can_never_agree_does_not() {
        for (rust, flow) in [
            ("bool", "number"),
            ("f64", "string"),
            ("&str", "object"),
            ("&[Value]", "number"),
            ("f64", "array/number"),
            ("&Object", "array/object"),
            ("bool", "object/boolean"),
            ("f64", "null"),
            ("Option<f64>", "string"),
        ] {
            assert!(!takes(rust).agrees_with(flow), "{rust} {flow}");
        }
    }

    #[test]
    fn what_may_agree_does() {
        for (rust, flow) in [
            ("f64", "number"),
            ("Option<f64>", "number"),
            ("Option<f64>", "null"),
            ("&[Value]", "array/number"),
            ("&[Value]", "array/"),
            ("&Object", "object"),
            ("&Object", "object/number"),
            ("Value", "string"),
            ("&serde_json::Value", "array/array/number"),
            ("Metres", "number"),
            // Anything at all, and what the compiler of flows has something to say about.
            ("f64", ""),
            ("f64", "array"),
            ("f64", "int"),
            ("f64", "text/number"),
        ] {
            assert!(takes(rust).agrees_with(flow), "{rust} {flow}");
        }
    }
}
