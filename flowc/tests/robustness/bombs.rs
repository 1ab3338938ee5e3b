//! Small files that stand for large ones, deep ones, and large ones.

use crate::place::{GOOD, Place};

const DEEP: usize = 10_000;

#[test]
fn lists_and_tables_without_end_are_refused_in_every_format() {
    let root = |before: &str, open: &str, close: &str| {
        format!("{before}{}1{}", open.repeat(DEEP), close.repeat(DEEP))
    };
    let mut block = String::from("flow: r\n");
    (0..DEEP).for_each(|level| block.push_str(&format!("{}a:\n", " ".repeat(level))));
    let texts = [
        ("toml", root("flow = 'r'\nx = ", "[", "]")),
        ("toml", root("flow = 'r'\nx = ", "{a=", "}")),
        ("toml", format!("flow = 'r'\n{} = 1\n", vec!["a"; DEEP].join("."))),
        ("toml", format!("flow = 'r'\n[{}]\n", vec!["a"; DEEP].join("."))),
        ("yaml", root("flow: r\nx: ", "[", "]")),
        ("yaml", root("flow: r\nx: ", "{a: ", "}")),
        ("yaml", root("flow: r\nx:\n ", "- ", "")),
        ("yaml", block),
        ("json", root("{\"flow\":\"r\",\"x\":", "[", "]}")),
        ("json", root("{\"flow\":\"r\",\"x\":", "{\"a\":", "}}")),
    ];
    for (extension, text) in texts {
        let name = format!("root.{extension}");
        Place::with(&name, text)
            .is_refused(&name, &["E005", "lists and tables nest too deeply", "1 error\n"]);
    }
    // Without an end, too.
    for (name, text) in [
        ("root.toml", "x = ".to_owned() + &"[".repeat(1_000_000)),
        ("root.yaml", "[".repeat(1_000_000)),
        ("root.yaml", "- ".repeat(1_000_000)),
        ("root.yaml", "? ".repeat(1_000_000)),
        ("root.json", "[".repeat(1_000_000)),
    ] {
        Place::with(name, text).is_refused(name, &["E005", "nest too deeply"]);
    }
}

#[test]
fn the_deepest_initializer_there_may_be_can_be_read_from_the_manifest() {
    let root = |depth: usize| {
        let value = format!("{}{}", "[".repeat(depth), "]".repeat(depth));
        format!(
            "{{\"flow\":\"r\",\"process\":[{{\"source\":\"context://stdio/stdout\",\"input\":{{\"default\":{{\"once\":\
             {value}}}}}}}]}}"
        )
    };
    Place::with("root.json", root(64)).compiles("root.json");
    Place::with("root.json", root(65)).is_refused("root.json", &["E005"]);
}

#[test]
fn aliases_of_aliases_and_merges_of_merges_are_refused() {
    let tower = |first: &str, level: &dyn Fn(&str) -> String| {
        let mut text = format!("flow: r\na0: &a0 {first}\n");
        for number in 1..40 {
            let below = vec![format!("*a{}", number - 1); 10].join(",");
            text.push_str(&format!("a{number}: &a{number} {}\n", level(&below)));
        }
        text
    };
    let laughs = tower("[x,x]", &|below| format!("[{below}]"));
    Place::with("root.yaml", laughs).is_refused("root.yaml", &["E005", "too large"]);
    let mut merges = String::from("flow: r\nk0: &k0 {n0: 1}\n");
    (1..5000).for_each(|number| {
        merges.push_str(&format!("k{number}: &k{number} {{<<: *k{}, n{number}: 1}}\n", number - 1));
    });
    Place::with("root.yaml", merges).is_refused("root.yaml", &["E005", "too large"]);
    // One long text, many times.
    let text =
        format!("flow: r\na: &a \"{}\"\nb: [{}]\n", "x".repeat(1_000_000), vec!["*a"; 100_000].join(","));
    Place::with("root.yaml", text).is_refused("root.yaml", &["E005", "too large"]);
    // What is merged ten times is there once.
    let merged = tower("{k: x}", &|below| format!("{{<<: [{below}]}}"));
    Place::with("root.yaml", merged).is_refused("root.yaml", &["E006"]);
}

#[test]
fn dotted_keys_that_multiply_stay_small() {
    let mut text = String::from("flow = 'r'\n");
    for number in 0..20_000 {
        text.push_str(&format!("x.{} = 1\n", vec![format!("a{number}"); 70].join(".")));
    }
    Place::with("root.toml", text).is_refused("root.toml", &["E006", "'x'"]);
}

#[test]
fn a_large_file_is_read_as_long_as_it_is_no_larger_than_what_is_read() {
    let comment = format!("flow = 'r'\n{GOOD}# {}\n", "x".repeat(30_000_000));
    Place::with("root.toml", comment).compiles("root.toml");
    let text = format!(
        "flow: r\nprocess:\n- source: context://stdio/stdout\n  input: {{default: {{once: \"{}\"}}}}\n",
        "é".repeat(10_000_000)
    );
    assert!(Place::with("root.yaml", text).compiles("root.yaml").len() > 20_000_000);
    for name in ["root.toml", "root.yaml", "root.json"] {
        let place = Place::with(name, "flow = 'r' # ".to_owned() + &"x".repeat(100_000_000));
        place.is_refused(name, &["E058", name, "larger than 64 MiB"]);
    }
}

#[test]
fn large_garbage_is_refused_in_few_words() {
    // The same on every run: a linear congruential generator.
    let mut state = 1_u32;
    let signs = b"abc=[]{}\"\n '#.,1:-&*";
    let garbage: Vec<u8> = (0..30_000_000)
        .map(|_| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            signs[(state >> 16) as usize % signs.len()]
        })
        .collect();
    for name in ["root.toml", "root.yaml", "root.json"] {
        Place::with(name, &garbage).is_refused(name, &["E005"]);
    }
    Place::with("root.toml", "x y\n".repeat(5_000_000)).is_refused("root.toml", &["E005", "root.toml:1:"]);
}
