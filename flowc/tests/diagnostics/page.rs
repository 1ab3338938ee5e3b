//! A page of a code, taken apart.
//!
//! A file is a line that holds only its name between backquotes, and the fenced block that follows. What is run and
//! what comes of it is a block of the language `console`: a line that begins with `$ `, which may set variables, and what is printed. Blocks
//! below the heading "How to mend it" replace or add files; if there are any, the same command is run once more.

use std::path::{Path, PathBuf};

/// The heading above the mended files.
const MENDED: &str = "## How to mend it";

/// A page.
pub(crate) struct Page {
    pub(crate) path: PathBuf,
    pub(crate) text: String,
    pub(crate) title: String,
    /// The files of the example, with their names.
    pub(crate) files: Vec<(String, String)>,
    /// The files that mend it.
    pub(crate) mended: Vec<(String, String)>,
    pub(crate) session: Session,
}

/// A command and what it prints.
#[derive(Default)]
pub(crate) struct Session {
    /// Variables that are set for it: `NAME=value` before `flowc`.
    pub(crate) variables: Vec<(String, String)>,
    /// The words behind `flowc`.
    pub(crate) words: Vec<String>,
    pub(crate) printed: String,
    /// The place of what is printed in the text of the page.
    range: std::ops::Range<usize>,
}

impl Page {
    /// Where the pages are.
    pub(crate) fn directory() -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/diagnostics")
    }

    /// The page of a code.
    pub(crate) fn read(code: &str) -> Page {
        let path = Page::directory().join(format!("{code}.md"));
        let text = std::fs::read_to_string(&path)
            .unwrap_or_else(|error| panic!("{code} has no page docs/diagnostics/{code}.md: {error}"));
        Page::parse(path, text)
    }

    /// Whether the example has functions in Rust that are built.
    pub(crate) fn needs_tool_chain(&self) -> bool {
        self.files.iter().any(|(_, text)| text.contains("#[flow_function]"))
    }

    fn parse(path: PathBuf, text: String) -> Page {
        let mut page = Page {
            title: text.lines().next().unwrap_or_default().trim_start_matches("# ").to_owned(),
            path,
            files: Vec::new(),
            mended: Vec::new(),
            session: Session::default(),
            text: String::new(),
        };
        let (mut name, mut is_mended, mut offset) = (None, false, 0);
        let mut lines = text.split_inclusive('\n');
        while let Some(line) = lines.next() {
            offset += line.len();
            let trimmed = line.trim_end();
            if let Some(language) = trimmed.strip_prefix("```") {
                let start = offset;
                let block: Vec<&str> = lines.by_ref().take_while(|line| line.trim_end() != "```").collect();
                let block = block.concat();
                offset += block.len() + "```\n".len();
                if language == "console" {
                    page.session = Session::parse(&block, start);
                } else if let Some(name) = name.take() {
                    let files = if is_mended { &mut page.mended } else { &mut page.files };
                    files.push((name, block));
                }
                continue;
            }
            is_mended |= trimmed == MENDED;
            let quoted = trimmed.strip_prefix('`').and_then(|rest| rest.strip_suffix('`'));
            name = match quoted.filter(|name| !name.contains('`')) {
                Some(quoted) => Some(quoted.to_owned()),
                None if trimmed.is_empty() => name,
                None => None,
            };
        }
        page.text = text;
        page
    }

    /// The text of the page with something else printed.
    pub(crate) fn with_printed(&self, printed: &str) -> String {
        let mut text = self.text.clone();
        text.replace_range(self.session.range.clone(), printed);
        text
    }
}

impl Session {
    fn parse(block: &str, start: usize) -> Session {
        let (command, printed) = block.split_once('\n').unwrap_or((block, ""));
        let (variables, words) = command
            .strip_prefix("$ ")
            .and_then(|command| command.split_once("flowc"))
            .unwrap_or_else(|| panic!("'{command}' does not begin with $ and flowc"));
        let variables = variables.split_whitespace().filter_map(|word| word.split_once('='));
        let begin = start + command.len() + 1;
        Session {
            variables: variables.map(|(name, value)| (name.to_owned(), value.to_owned())).collect(),
            words: words.split_whitespace().map(str::to_owned).collect(),
            printed: printed.to_owned(),
            range: begin..begin + printed.len(),
        }
    }
}
