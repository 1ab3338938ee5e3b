//! The types of inputs, outputs and literals, and which of them fit each other.
//!
//! A type is written as levels between slashes: `array/array/number` is an array of arrays of numbers. The empty text is
//! generic, anything at all, and so is an empty last level: `array/` is an array of anything. Bare `array` is something
//! else: an array of which nothing is known, which cannot be taken apart.
//!
//! ```
//! use flowcore::datatype::DataType;
//!
//! let row: DataType = "array/number".parse().unwrap();
//! let number: DataType = "number".parse().unwrap();
//! assert!(row.fits(&number)); // element by element
//! assert!(number.fits(&row)); // wrapped in an array
//! assert!(!number.fits(&"string".parse().unwrap()));
//! ```

use crate::Value;
use std::fmt;
use std::str::FromStr;

/// One level of a type.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Level {
    Generic,
    Null,
    Boolean,
    Number,
    String,
    Object,
    Array,
}

impl Level {
    /// The words of the notation, in the order in which messages list them.
    const NAMED: [(&'static str, Level); 6] = [
        ("null", Level::Null),
        ("boolean", Level::Boolean),
        ("number", Level::Number),
        ("string", Level::String),
        ("object", Level::Object),
        ("array", Level::Array),
    ];

    fn name(self) -> &'static str {
        Level::NAMED.iter().find(|(_, level)| *level == self).map_or("", |(name, _)| name)
    }
}

/// The type of an input, an output or a literal value.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct DataType {
    /// Never empty.
    levels: Box<[Level]>,
}

/// A text that names no type.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("'{level}' is not a type")]
pub struct UnknownType {
    /// The level that is none of the known words.
    pub level: String,
}

impl UnknownType {
    /// All words that name a type.
    pub fn known() -> impl Iterator<Item = &'static str> {
        Level::NAMED.iter().map(|(name, _)| *name)
    }

    /// The word that was probably meant.
    pub fn suggestion(&self) -> Option<&'static str> {
        let lower = self.level.trim().to_lowercase();
        let near = match lower.as_str() {
            "int" | "integer" | "float" | "double" | "numeric" => Some("number"),
            "bool" => Some("boolean"),
            "str" | "text" => Some("string"),
            "list" => Some("array"),
            "map" | "table" => Some("object"),
            _ => None,
        };
        let names = || Level::NAMED.iter().map(|(name, _)| *name);
        near.or_else(|| names().find(|name| *name == lower))
            .or_else(|| names().find(|name| lower == format!("{name}s")))
    }
}

impl DataType {
    /// Anything at all.
    pub fn generic() -> DataType {
        DataType { levels: Box::new([Level::Generic]) }
    }

    /// The type of a literal value. An array is judged by its first element, an object by its first member in
    /// ascending order of keys.
    pub fn of(value: &Value) -> DataType {
        let mut levels = Vec::new();
        let mut inner = Some(value);
        while let Some(value) = inner {
            let (level, first) = match value {
                Value::Null => (Level::Null, None),
                Value::Bool(_) => (Level::Boolean, None),
                Value::Number(_) => (Level::Number, None),
                Value::String(_) => (Level::String, None),
                Value::Object(members) => (Level::Object, members.values().next()),
                Value::Array(elements) => {
                    if elements.is_empty() {
                        levels.push(Level::Array);
                    }
                    (if elements.is_empty() { Level::Generic } else { Level::Array }, elements.first())
                }
            };
            levels.push(level);
            inner = first;
        }
        DataType { levels: levels.into() }
    }

    /// Whether this is anything at all.
    pub fn is_generic(&self) -> bool {
        is_generic(&self.levels)
    }

    /// How many arrays lie around the innermost known type. A bare `array` is atomic: order 0.
    pub fn array_order(&self) -> u32 {
        order(&self.levels)
    }

    /// The type of an element: of an array with a known or generic element type, or of a generic value.
    pub fn element(&self) -> Option<DataType> {
        match &*self.levels {
            [Level::Generic] => Some(DataType::generic()),
            [Level::Array, element @ ..] if !element.is_empty() => Some(DataType { levels: element.into() }),
            _ => None,
        }
    }

    /// Whether the notation begins with `array`.
    pub fn is_array(&self) -> bool {
        matches!(&*self.levels, [Level::Array, ..])
    }

    /// Whether the levels make sense together: only arrays and objects contain something, and generic comes last.
    pub fn is_sensible(&self) -> bool {
        let outer = self.levels.split_last().map_or(&[][..], |(_, outer)| outer);
        outer.iter().all(|level| matches!(level, Level::Array | Level::Object))
    }

    /// The type of the part that so many selector steps reach; `None` where the type says that there is no such part.
    ///
    /// Steps are counted only, an index and a key are the same. What lies inside a generic level or a bare `object` is
    /// generic.
    pub fn narrow(&self, steps: usize) -> Option<DataType> {
        let mut levels = &*self.levels;
        for _ in 0..steps {
            levels = match levels {
                [Level::Generic] | [Level::Object] => return Some(DataType::generic()),
                [_] | [] => return None,
                [_, inner @ ..] => inner,
            };
        }
        Some(DataType { levels: levels.into() })
    }

    /// Whether a value of this type can be delivered where the other is declared. Up to two array levels more or less
    /// are bridged by taking the array apart or by wrapping the value.
    pub fn fits(&self, destination: &DataType) -> bool {
        let (mut source, mut destination) = (&*self.levels, &*destination.levels);
        loop {
            if has_generic_element(source) || has_generic_element(destination) {
                return true;
            }
            let difference = i64::from(order(source)) - i64::from(order(destination));
            match difference {
                0 => return same_order_fits(source, destination),
                1 | 2 => source = strip(source, difference.unsigned_abs()),
                -1 | -2 => destination = strip(destination, difference.unsigned_abs()),
                _ => return false,
            }
        }
    }
}

fn is_generic(levels: &[Level]) -> bool {
    matches!(levels, [Level::Generic])
}

fn has_generic_element(levels: &[Level]) -> bool {
    matches!(levels, [Level::Generic] | [Level::Array, Level::Generic])
}

/// The last level is never an array around something, so it does not count.
fn order(levels: &[Level]) -> u32 {
    let outer = levels.split_last().map_or(&[][..], |(_, outer)| outer);
    let arrays = outer.iter().take_while(|level| **level == Level::Array).count();
    u32::try_from(arrays).unwrap_or(u32::MAX)
}

fn strip(levels: &[Level], count: u64) -> &[Level] {
    usize::try_from(count).ok().and_then(|count| levels.get(count..)).unwrap_or_default()
}

/// Level by level: a generic last level fits whatever remains on the other side, and an object of anything fits a
/// destination that asks for an object.
fn same_order_fits(mut source: &[Level], mut destination: &[Level]) -> bool {
    loop {
        match (source, destination) {
            ([Level::Generic], [_, ..]) | ([_, ..], [Level::Generic]) => return true,
            ([Level::Object, ..], [Level::Object]) => return true,
            ([s, inner @ ..], [d, expected @ ..]) if s == d => (source, destination) = (inner, expected),
            _ => return source.is_empty() && destination.is_empty(),
        }
    }
}

/// Whether a value that has one of the source types can always be delivered: every source type fits at least one
/// destination type. Nothing fits an empty list, and an empty list fits nothing.
pub fn all_fit<'types>(
    mut source: impl Iterator<Item = &'types DataType> + Clone,
    destination: impl Iterator<Item = &'types DataType> + Clone,
) -> bool {
    source.clone().next().is_some() && source.all(|from| destination.clone().any(|to| from.fits(to)))
}

impl FromStr for DataType {
    type Err = UnknownType;

    fn from_str(text: &str) -> Result<DataType, UnknownType> {
        let level = |word: &str| {
            if word.is_empty() {
                return Ok(Level::Generic);
            }
            let known = Level::NAMED.iter().find(|(name, _)| *name == word);
            known.map(|(_, level)| *level).ok_or_else(|| UnknownType { level: word.to_owned() })
        };
        Ok(DataType { levels: text.split('/').map(level).collect::<Result<_, _>>()? })
    }
}

/// The notation, or `generic` where the notation is the empty text.
impl fmt::Display for DataType {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_generic() {
            return formatter.write_str("generic");
        }
        for (number, level) in self.levels.iter().enumerate() {
            if number > 0 {
                formatter.write_str("/")?;
            }
            formatter.write_str(level.name())?;
        }
        Ok(())
    }
}

impl fmt::Debug for DataType {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "'{self}'")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> DataType {
        text.parse().unwrap()
    }

    #[test]
    fn unknown_words_are_errors_that_suggest() {
        for (text, suggestion) in
            [("Number", Some("number")), ("int", Some("number")), ("arrays", Some("array")), ("blob", None)]
        {
            assert_eq!(text.parse::<DataType>().unwrap_err().suggestion(), suggestion, "{text}");
        }
        assert!("array/ number".parse::<DataType>().is_err());
        assert!("any".parse::<DataType>().is_err());
    }

    #[test]
    fn meaningless_arrangements_are_accepted_but_not_sensible() {
        for text in ["array//number", "number/string", "/", "number/"] {
            assert!(!read(text).is_sensible(), "{text}");
        }
        for text in ["", "array/", "array", "object/array/number", "number"] {
            assert!(read(text).is_sensible(), "{text}");
        }
    }

    #[test]
    fn derived_properties() {
        let orders = [("", 0), ("array/", 1), ("array/array/", 2), ("array/array/number", 2), ("array", 0)];
        for (text, order) in orders.into_iter().chain([("object/array/number", 0), ("array//number", 1)]) {
            assert_eq!(read(text).array_order(), order, "{text}");
        }
        assert_eq!(read("").element(), Some(read("")));
        assert_eq!(read("array/array/number").element(), Some(read("array/number")));
        assert_eq!(read("array/").element(), Some(read("")));
        assert_eq!(read("array").element(), None);
        assert_eq!(read("object/number").element(), None);
    }

    #[test]
    fn narrowing_counts_steps() {
        let narrow = |text, steps| read(text).narrow(steps).map(|narrowed| narrowed.to_string());
        assert_eq!(narrow("array/number", 1).as_deref(), Some("number"));
        assert_eq!(narrow("array/array/string", 2).as_deref(), Some("string"));
        assert_eq!(narrow("object/number", 1).as_deref(), Some("number"));
        assert_eq!(narrow("array/", 1).as_deref(), Some("generic"));
        assert_eq!(narrow("array/", 2).as_deref(), Some("generic"));
        assert_eq!(narrow("object", 1).as_deref(), Some("generic"));
        assert_eq!(narrow("", 3).as_deref(), Some("generic"));
        assert_eq!(narrow("number", 0).as_deref(), Some("number"));
        assert_eq!(narrow("number", 1), None);
        assert_eq!(narrow("array", 1), None);
    }

    #[test]
    fn very_deep_types_need_no_deep_stack() {
        let deep = |last: &str| read(&format!("{}{last}", "array/".repeat(1_000_000)));
        assert!(deep("number").fits(&deep("number")));
        assert!(!deep("number").fits(&deep("string")));
        assert!(deep("").fits(&deep("string")));
        assert_eq!(deep("number").array_order(), 1_000_000);
    }

    #[test]
    fn literals_are_typed_by_their_first_parts() {
        let typed = |json: &str| DataType::of(&json.parse().unwrap()).to_string();
        assert_eq!(typed("null"), "null");
        assert_eq!(typed("[]"), "array/");
        assert_eq!(typed(r#"[1,"a"]"#), "array/number");
        assert_eq!(typed("[[[]]]"), "array/array/array/");
        assert_eq!(typed("{}"), "object");
        assert_eq!(typed(r#"{"b":1,"a":["x"]}"#), "object/array/string");
    }

    const TYPES: [&str; 20] = [
        "",
        "null",
        "boolean",
        "number",
        "string",
        "object",
        "object/number",
        "object/",
        "array",
        "array/",
        "array/number",
        "array/string",
        "array/object",
        "array/array",
        "array/array/",
        "array/array/number",
        "array/array/string",
        "array/array/array/",
        "array/array/array/number",
        "array/array/array/array/number",
    ];

    /// Row: source; column: destination. As published compilers answer.
    const REFERENCE: [&str; 20] = [
        "YYYYYYYYYYYYYYYYYYYY",
        "YY.......Y....Y.....",
        "Y.Y......Y....Y.....",
        "Y..Y.....YY...YY....",
        "Y...Y....Y.Y..Y.Y...",
        "Y....Y...Y..Y.Y.....",
        "Y.....Y..Y....Y.....",
        "Y......Y.Y....Y.....",
        "Y.......YY...YY.....",
        "YYYYYYYYYYYYYYYYYYYY",
        "Y..Y.....YY...YY.YY.",
        "Y...Y....Y.Y..Y.YY..",
        "Y....Y...Y..Y.Y..Y..",
        "Y.......YY...YY..Y..",
        "YYYYYYYYYYYYYYY..Y..",
        "Y..Y.....YY....Y..YY",
        "Y...Y....Y.Y....Y...",
        "Y........YYYYYY..Y..",
        "Y........YY....Y..YY",
        "Y........Y.....Y..YY",
    ];

    /// The cells in which we accept more.
    const ACCEPTED_TOO: [(usize, usize); 22] = [
        (6, 5),
        (6, 7),
        (6, 12),
        (7, 5),
        (7, 6),
        (7, 12),
        (14, 15),
        (14, 16),
        (14, 18),
        (14, 19),
        (15, 14),
        (15, 17),
        (16, 14),
        (16, 17),
        (17, 15),
        (17, 16),
        (17, 18),
        (17, 19),
        (18, 14),
        (18, 17),
        (19, 14),
        (19, 17),
    ];

    #[test]
    fn the_matrix_of_common_types_holds() {
        for (row, (source, cells)) in TYPES.iter().zip(REFERENCE).enumerate() {
            for (column, (destination, cell)) in TYPES.iter().zip(cells.chars()).enumerate() {
                let expected = cell == 'Y' || ACCEPTED_TOO.contains(&(row, column));
                assert_eq!(
                    read(source).fits(&read(destination)),
                    expected,
                    "({row},{column}) {source} -> {destination}"
                );
                assert!(
                    cell == '.' || !ACCEPTED_TOO.contains(&(row, column)),
                    "({row},{column}) is no change"
                );
            }
        }
    }

    #[test]
    fn every_source_type_needs_a_destination_type() {
        let fit = |from: &[&str], to: &[&str]| {
            let (from, to): (Vec<_>, Vec<_>) =
                (from.iter().map(|t| read(t)).collect(), to.iter().map(|t| read(t)).collect());
            all_fit(from.iter(), to.iter())
        };
        assert!(!fit(&["string", "number"], &["string"]));
        assert!(fit(&["string", "number"], &["number", "string", "array"]));
        assert!(!fit(&["string"], &["array", "number"]));
        assert!(fit(&["string", "number"], &["array", ""]));
        assert!(!fit(&[], &[""]));
        assert!(!fit(&["string"], &[]));
    }
}
