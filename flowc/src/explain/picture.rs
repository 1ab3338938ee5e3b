//! Lines in columns: places, and indented between them the connections from one to the next.

/// The picture of one path.
#[derive(Debug, Default)]
pub(super) struct Picture {
    rows: Vec<[String; 3]>,
}

/// How far pictures stand in.
const MARGIN: &str = "      ";

impl Picture {
    /// Adds a place, its types, and what has been selected on the way to it.
    pub(super) fn place(&mut self, route: &str, types: &str, pointer: &str) {
        let part = if pointer.is_empty() { String::new() } else { format!("part {pointer}") };
        self.rows.push([route.to_owned(), types.to_owned(), part]);
    }

    /// Adds a connection from the last place to the next one.
    pub(super) fn connection(&mut self, from: &str, to: &str, position: &str) {
        self.rows.push([format!("|  {from} -> {to}"), position.to_owned(), String::new()]);
    }

    /// The text, with columns as wide as they need to be.
    pub(super) fn finish(self) -> String {
        let width = |column: usize| {
            let texts = self.rows.iter().filter_map(|row| row.get(column));
            texts.map(|text| text.chars().count()).max().unwrap_or_default()
        };
        let (first, second) = (width(0), width(1));
        let mut text = String::new();
        for [one, two, three] in &self.rows {
            let line = format!("{MARGIN}{one:first$}   {two:second$}   {three}");
            text.push_str(line.trim_end());
            text.push('\n');
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_aligned() {
        let mut picture = Picture::default();
        picture.place("/f/a", "number", "");
        picture.connection("a", "b/input", "root.toml:1:1");
        picture.place("/f/b/input", "generic", "/1");
        let expected = "      /f/a              number\n      \
                        |  a -> b/input   root.toml:1:1\n      \
                        /f/b/input        generic         part /1\n";
        assert_eq!(picture.finish(), expected);
    }
}
