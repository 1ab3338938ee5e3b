/// The candidate that was probably meant by a misspelt word, if one is near enough.
pub fn suggest<'text>(word: &str, candidates: impl IntoIterator<Item = &'text str>) -> Option<&'text str> {
    const NEAR: f64 = 0.75;
    let lower = word.to_lowercase();
    let likeness = |candidate: &str| strsim::jaro_winkler(&lower, &candidate.to_lowercase());
    let near = candidates.into_iter().filter(|candidate| !candidate.is_empty());
    let near =
        near.map(|candidate| (candidate, likeness(candidate))).filter(|(_, likeness)| *likeness > NEAR);
    near.max_by(|(_, one), (_, other)| one.total_cmp(other)).map(|(candidate, _)| candidate)
}

#[cfg(test)]
mod tests {
    use super::suggest;

    #[test]
    fn only_near_words_are_suggested() {
        assert_eq!(suggest("proces", ["flow", "process", "input"]), Some("process"));
        assert_eq!(suggest("Inputs", ["flow", "process", "input"]), Some("input"));
        assert_eq!(suggest("version", ["flow", "process", "docs"]), None);
    }
}
