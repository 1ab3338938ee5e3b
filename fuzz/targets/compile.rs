//! Whole projects: the bytes are files, each behind a zero byte and a line with its name; the first is the root flow.
#![no_main]

use flowc::diagnostics::Report;
use flowc::emit::Symbols;
use flowc::{Options, compile, embedded};
use flowcore::content::{Content, ContentError, LibraryPath, Names, Provider, Resolved};
use flowcore::manifest::read_flow_manifest;
use libfuzzer_sys::fuzz_target;
use std::collections::HashMap;
use std::sync::LazyLock;
use url::Url;

/// Files in memory; libraries and context functions are the built-in ones.
struct Files(HashMap<String, Vec<u8>>);

static BUILT_IN: LazyLock<Content> =
    LazyLock::new(|| Content::new(LibraryPath::new([embedded::standard_library()]), embedded::context()));

impl Files {
    fn of(bytes: &[u8]) -> (Files, String) {
        let mut files = HashMap::new();
        let mut root = String::new();
        for part in bytes.split(|byte| *byte == 0).take(8) {
            let end = part.iter().position(|byte| *byte == b'\n').unwrap_or(part.len());
            let (name, text) = part.split_at(end);
            let Ok(url) =
                Url::parse("file:///project/").and_then(|base| base.join(&String::from_utf8_lossy(name)))
            else {
                continue;
            };
            if root.is_empty() {
                root = url.to_string();
            }
            files.insert(url.to_string(), text.get(1..).unwrap_or_default().to_vec());
        }
        (Files(files), root)
    }
}

impl Provider for Files {
    fn resolve(&self, url: &Url, names: &Names<'_>) -> Result<Resolved, ContentError> {
        if url.scheme() != "file" {
            return BUILT_IN.resolve(url, names);
        }
        for candidate in [url.to_string(), format!("{url}.toml"), format!("{url}/root.toml")] {
            if self.0.contains_key(&candidate) {
                let url = Url::parse(&candidate).expect("it was one before");
                return Ok(Resolved { url, reference: None });
            }
        }
        Err(ContentError::NotFound { url: Box::new(url.clone()), tried: Vec::new(), other: None, near: None })
    }

    fn read(&self, url: &Url) -> Result<Vec<u8>, ContentError> {
        match self.0.get(url.as_str()) {
            Some(bytes) => Ok(bytes.clone()),
            None => BUILT_IN.read(url),
        }
    }
}

fuzz_target!(|bytes: &[u8]| {
    let (files, root) = Files::of(bytes);
    let Ok(root) = Url::parse(&root) else { return };
    for optimize in [false, true] {
        let symbols = if optimize { Symbols::Kept } else { Symbols::Stripped };
        let options = Options { output: Some("/project".into()), optimize, symbols, ..Options::default() };
        let mut report = Report::default();
        let compiled = compile(&root, &files, &options, &mut report);
        report.diagnostics().iter().take(20).for_each(|diagnostic| fuzz::shown(&report, diagnostic));
        assert_eq!(compiled.is_err(), report.counts().errors > 0);
        if let Some(manifest) = compiled.ok().and_then(|compiled| compiled.manifest) {
            let text = manifest.to_json().expect("manifests can be written");
            assert_eq!(read_flow_manifest(&text).expect("manifests can be read"), manifest);
        }
    }
});
