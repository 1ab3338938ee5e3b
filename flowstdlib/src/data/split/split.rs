//! Splits a text near its middle, so that its tokens are found in parallel.

use flowcore::{Result, RunAgain, Value, flow_output};
use flowmacro::flow_function;

/// Texts of fewer bytes are not split further.
const SHORTEST: usize = 3;

#[flow_function]
fn split(string: &str, separator: &str) -> Result<(Option<Value>, RunAgain)> {
    let text = string.trim();
    if text.is_empty() {
        return flow_output!("token-count" => 0, "delta" => -1);
    }
    if text.len() >= SHORTEST && !separator.is_empty() {
        let middle = text.len() / 2;
        if let Some((before, after)) = split_from(text, separator, middle) {
            let partial = Value::from(vec![before, after]);
            return flow_output!("partial" => partial, "token-count" => 0, "delta" => 1);
        }
        if let Some((before, after)) = split_before(text, separator, middle) {
            let partial = Value::from(vec![before]);
            return flow_output!("partial" => partial, "token" => after, "token-count" => 1, "delta" => 0);
        }
    }
    flow_output!("token" => text, "token-count" => 1, "delta" => -1)
}

/// The texts on both sides of the first separator that begins at byte `middle` or later.
fn split_from<'a>(text: &'a str, separator: &str, middle: usize) -> Option<(&'a str, &'a str)> {
    let from = text.ceil_char_boundary(middle);
    let (_, after) = text.get(from..)?.split_once(separator)?;
    let before = text.get(..text.len() - after.len() - separator.len())?;
    Some((before, after))
}

/// The texts on both sides of the last separator that begins before byte `middle`.
fn split_before<'a>(text: &'a str, separator: &str, middle: usize) -> Option<(&'a str, &'a str)> {
    // Such a separator ends at this byte at the latest.
    let end = text.floor_char_boundary((middle + separator.len() - 1).min(text.len()));
    let (before, _) = text.get(..end)?.rsplit_once(separator)?;
    let after = text.get(before.len() + separator.len()..)?;
    Some((before, after))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{error, output};
    use flowcore::Implementation;

    #[test]
    fn a_separator_in_the_second_half_gives_two_texts() {
        assert_eq!(
            output(&Split, r#"["the quick brown", " "]"#),
            r#"{"delta":1,"partial":["the quick","brown"],"token-count":0}"#
        );
        assert_eq!(output(&Split, r#"["ab,", ","]"#), r#"{"delta":1,"partial":["ab",""],"token-count":0}"#);
    }

    #[test]
    fn a_separator_in_the_first_half_gives_a_text_and_a_token() {
        assert_eq!(
            output(&Split, r#"["a bcdefg", " "]"#),
            r#"{"delta":0,"partial":["a"],"token":"bcdefg","token-count":1}"#
        );
    }

    #[test]
    fn texts_that_cannot_be_split_are_tokens() {
        assert_eq!(output(&Split, r#"["hello", " "]"#), r#"{"delta":-1,"token":"hello","token-count":1}"#);
        assert_eq!(output(&Split, r#"["a,", ","]"#), r#"{"delta":-1,"token":"a,","token-count":1}"#);
        assert_eq!(output(&Split, r#"["hello", ""]"#), r#"{"delta":-1,"token":"hello","token-count":1}"#);
        assert_eq!(output(&Split, r#"["  ", ","]"#), r#"{"delta":-1,"token-count":0}"#);
    }

    /// Splits a text until there are only tokens; also checks that the deltas say when that is.
    fn tokens(text: &str, separator: &str) -> Vec<String> {
        let mut texts = vec![text.to_owned()];
        let mut outstanding = 1;
        let mut tokens = Vec::new();
        while let Some(text) = texts.pop() {
            let (output, _) = Split.run(&[Value::from(text), Value::from(separator)]).unwrap();
            let output = output.unwrap();
            for partial in output.get("partial").and_then(Value::as_array).unwrap_or_default() {
                texts.push(partial.as_str().unwrap().to_owned());
            }
            let token = output.get("token").and_then(Value::as_str);
            assert_eq!(output.get("token-count").unwrap().as_i64(), Some(i64::from(token.is_some())));
            tokens.extend(token.map(str::to_owned));
            outstanding += output.get("delta").unwrap().as_i64().unwrap();
        }
        assert_eq!(outstanding, 0);
        tokens.sort();
        tokens
    }

    #[test]
    fn looping_back_finds_every_token() {
        assert_eq!(tokens("one two  three four", " "), ["four", "one", "three", "two"]);
        assert_eq!(tokens("Äpfel Öl Übermut ß ŷ", " "), ["Äpfel", "Öl", "Übermut", "ß", "ŷ"]);
        assert_eq!(tokens("eins->zwei->drei", "->"), ["drei", "eins", "zwei"]);
        assert_eq!(tokens("a…b…c", "…"), ["a", "b", "c"]);
        assert_eq!(tokens("abcdef", "cd"), ["ab", "ef"]);
        assert_eq!(tokens("bcdefg", "cd"), ["b", "efg"]);
    }

    #[test]
    fn what_is_no_text_is_an_error() {
        assert!(error(&Split, r#"[1, " "]"#).contains("'string' must be a string"));
        assert!(error(&Split, r#"["a", null]"#).contains("'separator' must be a string"));
    }
}
