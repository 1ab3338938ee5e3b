//! One step on the way through the Hamming numbers.

use flowcore::{DONT_RUN_AGAIN, Result, RunAgain, Value, flow_output};
use flowmacro::flow_function;
use std::collections::BTreeSet;

/// The prime factors that Hamming numbers have.
const FACTORS: [i64; 3] = [2, 3, 5];

/// Gives the smallest candidate and the candidates after it.
#[flow_function]
fn hamming_step(candidates: &[Value]) -> Result<(Option<Value>, RunAgain)> {
    let Some((first, others)) = candidates.split_first() else { return Ok((None, DONT_RUN_AGAIN)) };
    let next = first.as_i64().ok_or("the first candidate must be a whole number")?;
    let mut later: BTreeSet<i64> = others.iter().filter_map(Value::as_i64).collect();
    // Those that are too large for a number come after all that are not.
    later.extend(FACTORS.iter().filter_map(|factor| next.checked_mul(*factor)));
    let later: Vec<Value> = later.into_iter().map(Value::from).collect();
    flow_output!("next" => next, "candidates" => later)
}

#[cfg(test)]
mod tests {
    use super::*;
    use flowcore::Implementation;

    fn step(candidates: &str) -> Option<String> {
        let (output, _) = HammingStep.run(&[candidates.parse().unwrap()]).unwrap();
        output.map(|output| output.to_string())
    }

    #[test]
    fn multiples_of_the_first_join_the_others() {
        assert_eq!(step("[1]").unwrap(), r#"{"candidates":[2,3,5],"next":1}"#);
        assert_eq!(step("[2,3,5]").unwrap(), r#"{"candidates":[3,4,5,6,10],"next":2}"#);
    }

    #[test]
    fn each_candidate_is_there_once() {
        assert_eq!(step("[2,4,6,10]").unwrap(), r#"{"candidates":[4,6,10],"next":2}"#);
    }

    #[test]
    fn without_candidates_it_is_the_end() {
        assert_eq!(HammingStep.run(&[Value::from(Vec::<Value>::new())]).unwrap(), (None, DONT_RUN_AGAIN));
    }

    #[test]
    fn what_is_no_whole_number_is_an_error_in_front_and_left_out_behind() {
        assert!(HammingStep.run(&["[1.5]".parse().unwrap()]).is_err());
        assert_eq!(step("[1,2.5,null]").unwrap(), r#"{"candidates":[2,3,5],"next":1}"#);
    }

    #[test]
    fn candidates_that_are_too_large_are_left_out() {
        let output = step(&format!("[{}]", i64::MAX / 2)).unwrap();
        assert_eq!(output, r#"{"candidates":[9223372036854775806],"next":4611686018427387903}"#);
    }
}
