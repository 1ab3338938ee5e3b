//! Language 14: every row of the catalogue of validations.

use crate::project::{ADD, Project, connect, context};
use crate::table::Table;

const PRINTS: &str = "[[process]]\nsource = \"context://stdio/stdout\"\ninput.default = {once = 1}\n";
const SUB: &str = "[[process]]\nsource = \"sub\"\n";
const F: &str = "[[process]]\nsource = \"f\"\n";

fn prints(more: &str) -> Project {
    Project::new(&format!("{PRINTS}{more}"))
}

fn uses(definition: &str) -> Project {
    prints(F).function("f", definition)
}

#[test]
fn v01_to_v16() {
    let mut table = Table::default();
    let io = "input = [{value = {once = 1}}]\noutput = [{}]\n";
    table.verdict(
        "V01 unknown extension",
        &prints("[[process]]\nsource = \"sub.txt\"\n").file("sub.txt", ""),
        "E004",
    );
    table.verdict("V01 missing extension", &prints(SUB).file("sub", ""), "E004");
    table.verdict("V02 not UTF-8", &prints(SUB).bytes("sub.toml", b"\xFF"), "E003");
    table.verdict("V03 syntax error", &prints(SUB).file("sub.toml", "flow = "), "E005");
    table.verdict("V04 unknown key", &prints(SUB).flow("sub", "x = 1\n"), "E006");
    table.verdict("V04 missing key", &prints(SUB).file("sub.toml", "function = 'f'\n[[input]]\n"), "E007");
    table.verdict("V04 wrong type", &prints(SUB).file("sub.toml", "flow = 1\n"), "E008");
    table.verdict(
        "V04 duplicate key",
        &prints("[[process]]\nsource = \"sub.yaml\"\n").file("sub.yaml", "flow: a\nflow: b\n"),
        "E009",
    );
    table.verdict("V04 neither kind", &prints(SUB).file("sub.toml", "docs = ''\n"), "E010");
    table.verdict("V05 source not located", &prints(SUB), "E001");
    table.verdict("V06 invalid type", &uses("input = [{type = \"float\"}]\n"), "E011");
    table.verdict("V06 empty type list", &uses("input = [{type = []}]\n"), "E011");
    table.verdict(
        "V07 numeric function name",
        &prints(SUB).file("sub.toml", &format!("function = '1'\nsource = 's'\n{io}")),
        "E013",
    );
    table.verdict("V08 function without inputs and outputs", &uses(""), "E015");
    table.verdict("V09 impure, provided", &uses(&format!("impure = true\n{io}")), "E016");
    table.verdict(
        "V10 alias on a context function",
        &prints("[[process]]\nsource = \"context://args/get\"\nalias = \"a\"\n"),
        "E017",
    );
    table.verdict(
        "V11 second initializer",
        &prints(&format!("{F}input.default = {{once = 1}}\n")).function("f", io),
        "E024",
    );
    table.verdict(
        "V12 initializer type mismatch, reference",
        &prints(&format!("{ADD}input.i1 = {{once = 'a'}}\ninput.i2 = {{once = 1}}\n")),
        "E025",
    );
    table.verdict(
        "V13 initializer type mismatch, value",
        &uses("input = [{type = \"number\", value = {once = 'a'}}]\noutput = [{}]\n"),
        "ok W005",
    );
    table.verdict(
        "V14 initializer for no input",
        &prints(&format!("{F}input.other = {{once = 1}}\n")).function("f", io),
        "ok W002",
    );
    table.verdict(
        "V15 numeric connection name",
        &prints(&format!("{}{}name = \"1\"\n", context("args/get"), connect("get/json", "stdout"))),
        "E013",
    );
    table.verdict("V16 empty endpoint", &prints(&connect("", "stdout")), "E014");
    table.verdict("V16 numeric endpoint", &prints(&connect("7", "stdout")), "E014");
    table.end(23);
}

#[test]
fn v17_to_v30() {
    let mut table = Table::default();
    let get = context("args/get");
    table.verdict("V17 unknown process", &prints(&connect("nobody", "stdout")), "E020");
    table.verdict("V17 unknown output", &prints(&(get.clone() + &connect("get/nothing", "stdout"))), "E021");
    table.verdict(
        "V17 unknown input",
        &prints(&(get.clone() + &connect("get/json", "stdout/nothing"))),
        "E021",
    );
    table.verdict("V17 wrong direction", &prints(&(get.clone() + &connect("get/json", "input/x"))), "E022");
    table.verdict(
        "V17 collected",
        &prints(&(get.clone() + &connect("nobody", "stdout") + &connect("get/nothing", "nobody"))),
        "E020 E021 E020",
    );
    table.verdict(
        "V18 incompatible types",
        &prints(&(get.clone() + ADD + "input.i2 = {once = 1}\n" + &connect("get/string", "add/i1"))),
        "E023",
    );
    table.verdict(
        "V19 empty list of destinations",
        &prints(&format!("{get}[[connection]]\nfrom = \"get/json\"\nto = []\n")),
        "ok",
    );
    table.verdict("V20 duplicate alias", &prints(PRINTS), "ok W001");
    table.verdict(
        "V21 duplicate names",
        &uses("input = [{value = {once = 1}}, {value = {once = 1}}]\noutput = [{}]\n"),
        "ok W003",
    );
    table.verdict(
        "V21 unnamed beside named",
        &prints(SUB).flow("sub", "input = [{}, {name = \"a\"}]\n"),
        "ok W004 W014 W014",
    );
    table.verdict("V22 recursion", &prints(SUB).flow("sub", SUB), "E018");
    let typed = get.clone() + SUB + &connect("get/string", "sub/i");
    let inside = "input = [{name = \"i\"}]\n".to_owned()
        + ADD
        + "input.i2 = {once = 1}\n"
        + &connect("input/i", "add/i1");
    table.verdict("V23 incompatible along a chain", &prints(&typed).flow("sub", &inside), "E026");
    table.verdict(
        "V24 a chain to nowhere",
        &prints(&(get.clone() + SUB + &connect("get/json", "sub/i")))
            .flow("sub", "input = [{name = \"i\"}]\n"),
        "ok W014",
    );
    let pass =
        "input = [{name = \"i\"}]\noutput = [{name = \"o\"}]\n".to_owned() + &connect("input/i", "output/o");
    let circle = connect("sub/o", "sub/i");
    table.verdict(
        "V25 circle that is entered",
        &prints(&(get.clone() + SUB + &connect("get/json", "sub/i") + &circle)).flow("sub", &pass),
        "E027",
    );
    table.verdict(
        "V25 circle that is initialized",
        &prints(&(format!("{SUB}input.i = {{once = 1}}\n") + &circle)).flow("sub", &pass),
        "E027",
    );
    table.verdict(
        "V25 circle that nothing enters",
        &prints(&(SUB.to_owned() + &circle)).flow("sub", &pass),
        "ok W033",
    );
    let two = context("stdio/stdout")
        + SUB
        + "input.a = {once = 1}\ninput.b = {once = 2}\n"
        + &connect("sub/o", "stdout");
    let join = "input = [{name = \"a\"}, {name = \"b\"}]\noutput = [{name = \"o\"}]\n".to_owned()
        + &connect("input/a", "output/o")
        + &connect("input/b", "output/o");
    table.verdict("V26 two flow initializers", &Project::new(&two).flow("sub", &join), "E028");
    let started = format!("{SUB}input.i = {{once = 'a'}}\n");
    table.verdict("V27 flow initializer type mismatch", &prints(&started).flow("sub", &inside), "E029");
    table.verdict("V28 unfed input", &Project::new(&context("stdio/stdout")), "E030");
    table.verdict(
        "V29 always and a connection",
        &Project::new(
            &(get.clone()
                + &context("stdio/stdout")
                + "input.default = {always = 1}\n"
                + &connect("get/json", "stdout")),
        ),
        "E031",
    );
    table.verdict("V30 no effect", &Project::new(&get), "E032");
    table.end(21);
}

#[test]
fn v31_to_v39() {
    let mut table = Table::default();
    let io = "input = [{value = {once = 1}}]\noutput = [{}]\n";
    table.verdict(
        "V31 source missing",
        &prints(F).file("f.toml", &format!("function = \"f\"\nsource = \"f.rs\"\n{io}")),
        "E033",
    );
    table.verdict("V32 build type where nothing is built", &uses(&format!("type = \"basic\"\n{io}")), "ok");
    table.verdict(
        "V35 root with an output",
        &Project::new(&format!("output = [{{name = \"o\", value = {{once = 1}}}}]\n{PRINTS}")),
        "ok W016",
    );
    table.verdict(
        "V36 root is a function",
        &Project::new("function = \"f\"\nsource = \"f.rs\"\n[[input]]\n"),
        "E019",
    );
    let unused = format!("{F}[[process]]\nsource = \"sub\"\n");
    table.verdict(
        "V38 unused output, unused process",
        &prints(&unused).function("f", io).flow("sub", "output = [{name = \"o\"}]\n"),
        "ok W017",
    );
    table.verdict("V39 docs missing", &Project::new(&format!("docs = \"nowhere.md\"\n{PRINTS}")), "ok");
    let (status, text) = prints("").execute(&["-c"]);
    table.row("V37 runner not named", format!("{status} {text}"), "0 ");
    let (status, text) = prints("").file("out", "").execute(&["-c", "-o", "out/in"]);
    table.row("V34 output cannot be written", format!("{status} {}", text.contains("E034")), "1 true");
    let project = prints("").file("d/out.txt", "");
    let (status, _) = project.execute(&["-c", "-o", "d/out.txt"]);
    table.row(
        "V34b output names a file",
        format!("{status} {}", project.path().join("d/manifest.json").is_file()),
        "0 true",
    );
    table.end(9);
}
