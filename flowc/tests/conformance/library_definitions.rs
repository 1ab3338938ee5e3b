//! The definitions of the standard library and of the runner's context functions: they show in manifests, so published
//! ones do not change. Entries that are newer than these tables are not looked at.

use crate::table::Table;
use flowc::embedded;
use flowcore::content::{Content, LibraryPath, Names, Provider};
use flowcore::definition::{Definition, IoDefinition};
use flowcore::format::{Format, read_definition};
use url::Url;

fn find(url: &str) -> Option<Definition> {
    let content = Content::new(LibraryPath::new([embedded::standard_library()]), embedded::context());
    let found = content.resolve(&Url::parse(url).unwrap(), &Names::DEFINITION).ok()?;
    let text = String::from_utf8(content.read(&found.url).unwrap()).unwrap();
    Some(read_definition(&text, Format::Toml).unwrap())
}

fn definition(url: &str) -> Definition {
    find(url).unwrap_or_else(|| panic!("{url} is missing"))
}

/// `name: type`, with only the first type, which is the one that manifests show.
fn ios(ios: &[IoDefinition]) -> String {
    let io = |io: &IoDefinition| {
        assert!(io.initializer.is_none(), "no published function has a value of its own");
        match io.types[0].value.to_string().as_str() {
            "generic" => format!("{}:", io.name.value),
            data_type => format!("{}:{data_type}", io.name.value),
        }
    };
    ios.iter().map(io).collect::<Vec<_>>().join(" ")
}

fn shape(definition: &Definition) -> String {
    let is_impure = matches!(definition, Definition::Function(function) if function.impure.is_some());
    let mark = if is_impure { "impure " } else { "" };
    format!("{mark}({}) -> ({})", ios(definition.inputs()), ios(definition.outputs()))
}

#[test]
fn the_41_functions_and_4_flows_of_the_library_are_as_published() {
    let rows = [
        ("math/add", "(i1:number i2:number) -> (:number)"),
        ("math/subtract", "(i1:number i2:number) -> (:number)"),
        ("math/multiply", "(i1:number i2:number) -> (:number)"),
        ("math/divide", "(dividend:number divisor:number) -> (result:number remainder:number)"),
        (
            "math/compare",
            "(left:number right:number) -> (equal:boolean ne:boolean lt:boolean lte:boolean gt:boolean gte:boolean)",
        ),
        ("math/sqrt", "(:number) -> (:number)"),
        ("math/sin", "(:number) -> (:number)"),
        ("math/cos", "(:number) -> (:number)"),
        ("math/tan", "(:number) -> (:number)"),
        ("math/range_split", "(range:array/number) -> (bottom:array/number top:array/number number:number)"),
        ("math/range", "(range:array/number) -> (number:number)"),
        ("math/sequence", "(start:number limit:number step:number) -> (number:number last:number)"),
        (
            "control/compare_switch",
            "(left:number right:number) -> (equal:number right-lt:number right-lte:number right-gt:number right-gte:number left-lt:number left-lte:number left-gt:number left-gte:number)",
        ),
        (
            "control/index",
            "(value: previous_value: previous_index:number select_index:number) -> (index:number selected_value:)",
        ),
        ("control/index_f", "(value: select_index:number) -> (selected_value:)"),
        ("control/join", "(data: control:) -> (:)"),
        ("control/tap", "(data: control:boolean) -> (:)"),
        ("control/route", "(data: control:boolean) -> (true: false:)"),
        ("control/select", "(i1: i2: control:boolean) -> (select_i1: select_i2:)"),
        (
            "data/accumulate",
            "(values: partial:array/ chunk_size:number) -> (chunk:array/ partial:array/ chunk_size:number)",
        ),
        ("data/append", "(s1:string s2:string) -> (:string)"),
        ("data/array_get", "(array:array/ index:number) -> (value: array:array/)"),
        ("data/array_set", "(array:array/ index:number value:) -> (:array/)"),
        ("data/min", "(value:number partial:number) -> (partial:number result:number)"),
        ("data/max", "(value:number partial:number) -> (partial:number result:number)"),
        (
            "data/avg",
            "(value:number partial_sum:number partial_count:number) -> (partial_sum:number partial_count:number result:number count:number)",
        ),
        ("data/bin_count", "(value:number partial:array/number) -> (partial:array/number bins:array/number)"),
        ("data/count", "(data: count:number) -> (:number)"),
        ("data/duplicate", "(value: factor:number) -> (:array/)"),
        ("data/enumerate", "(:array/) -> (:array/array/)"),
        ("data/info", "(:) -> (type:string rows:number columns:number)"),
        ("data/ordered_split", "(string:string separator:string) -> (:array/string)"),
        ("data/remove", "(value: array:array/) -> (:array/)"),
        ("data/sort", "(:array/number) -> (:array/number)"),
        (
            "data/split",
            "(string:string separator:string) -> (partial:array/string token:string token-count:number delta:number)",
        ),
        ("data/zip", "(left:array/ right:array/) -> (:array/)"),
        ("fmt/to_string", "(:) -> (:string)"),
        ("fmt/to_json", "(:string) -> (:)"),
        ("fmt/reverse", "(:string) -> (:string)"),
        (
            "matrix/transpose",
            "(:array/array/number) -> (matrix:array/array/number column_indexes:array/number)",
        ),
        (
            "matrix/duplicate_rows",
            "(:array/array/number factor:number) -> (matrix:array/array/number row_indexes:array/number)",
        ),
        (
            "matrix/multiply_row",
            "(a:array/number a_index:number b:array/number b_index:number) -> (product:number a_b_index:array/number)",
        ),
        (
            "matrix/compose_matrix",
            "(element:number element_indexes:array/number partial:array/array/number) -> (matrix:array/array/number partial:array/array/number)",
        ),
        ("matrix/multiply", "(a:array/array/number b:array/array/number) -> (product:array/array/number)"),
        ("charts/histogram", "(bins:array/number) -> (grid:array/array/number)"),
    ];
    let mut table = Table::default();
    for (path, expected) in rows {
        let definition = definition(&format!("lib://flowstdlib/{path}"));
        table.row(path, shape(&definition), expected);
        assert_eq!(definition.name().value, path.rsplit('/').next().unwrap());
    }
    table.end(45);
}

/// The processes and connections of a flow, in their order.
fn graph(path: &str) -> String {
    let Definition::Flow(flow) = definition(&format!("lib://flowstdlib/{path}")) else {
        panic!("{path} is no flow")
    };
    let mut lines = Vec::new();
    for process in &flow.processes {
        let initializers = process.initializers.iter().map(|(name, value)| {
            let (kind, of) = match &value.value {
                flowcore::Initializer::Once(value) => ("once", value),
                flowcore::Initializer::Always(value) => ("always", value),
            };
            format!(" {}={kind} {of}", name.value)
        });
        lines.push(format!(
            "{}{}",
            process.source.value.trim_start_matches("lib://flowstdlib/"),
            initializers.collect::<String>()
        ));
        assert!(process.alias.value.is_empty());
    }
    for connection in &flow.connections {
        for to in &connection.to {
            lines.push(format!("{} > {}", connection.from.value, to.value));
        }
        assert!(connection.name.value.is_empty());
    }
    lines.join("\n")
}

#[test]
fn the_graphs_of_range_sequence_and_index_f_are_as_published() {
    let mut table = Table::default();
    table.row(
        "range",
        graph("math/range"),
        "math/range_split\ninput/range > range_split/range\nrange_split/number > output/number\n\
         range_split/bottom > range_split/range\nrange_split/top > range_split/range",
    );
    table.row(
        "sequence",
        graph("math/sequence"),
        "control/compare_switch\nmath/add\ninput/start > compare_switch/right\ninput/limit > compare_switch/left\n\
         input/step > add/i2\ncompare_switch/right-lte > output/number\ncompare_switch/left-gt > compare_switch/left\n\
         compare_switch/right-lt > add/i1\nadd/i2 > add/i2\nadd > compare_switch/right\n\
         compare_switch/right-gte > output/last",
    );
    table.row(
        "index_f",
        graph("control/index_f"),
        "control/index previous_index=once -1 previous_value=once 42\ninput/value > index/value\n\
         input/select_index > index/select_index\nindex/value > index/previous_value\n\
         index/index > index/previous_index\nindex/selected_value > output/selected_value",
    );
    table.end(3);
}

/// The order of outputs shows in no manifest, so it does not matter. Those that can fail have an output `error` more than
/// was published: no flow knows of it that was written before. Functions that this runner does not have yet are left
/// out.
#[test]
fn context_functions_are_as_published() {
    let rows = [
        ("args/get", "impure () -> (json:array/ string:array/string)"),
        ("stdio/readline", "impure (prompt:string) -> (json: string:string)"),
        ("stdio/stdin", "impure () -> (json: string:string)"),
        ("stdio/stdout", "impure (:) -> ()"),
        ("stdio/stderr", "impure (:) -> ()"),
        (
            "file/file_read",
            "impure (path:string) -> (bytes:array/number error:string path:string string:string)",
        ),
        ("file/file_write", "impure (filename:string bytes:array/number) -> (error:string)"),
        (
            "image/image_buffer",
            "impure (pixel:array/number value:array/number size:array/number filename:string) -> (error:string)",
        ),
        (
            "image/image_read",
            "impure (filename:string) -> (error:string grid:array/array/number height:number pixel_coords:array/array/number \
             pixels:array/number pixels_eof:array/number size:array/number width:number)",
        ),
        ("image/image_write", "impure (grid: filename:string width:number) -> (error:string)"),
    ];
    let mut table = Table::default();
    for (number, (path, expected)) in rows.into_iter().enumerate() {
        let Some(mut definition) = find(&format!("context://{path}")) else {
            assert!(number >= 5, "{path} is missing");
            continue;
        };
        assert_eq!(definition.name().value, path.rsplit('/').next().unwrap());
        if let Definition::Function(function) = &mut definition {
            function.outputs.sort_by(|one, other| one.name.value.cmp(&other.name.value));
        }
        table.row(path, shape(&definition), expected);
    }
    let rows = table.rows();
    table.end(rows);
}
