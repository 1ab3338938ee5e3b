//! What drawings look like, measured: of the examples, of the standard library's flows, and of flows that are hard to draw.

use super::layout::shape::{RADIUS, port_name, value_text, value_width};
use super::layout::{self, Area, Plan, Stroke};
use super::scene::{Drawing, Edge, End, Kind, Node, Occasion, Port, Scene};
use super::{Format, Picture, drawings, pictures, svg, text};
use crate::diagnostics::Report;
use crate::{Options, Program, embedded, outline};
use flowcore::content::{Content, LibraryPath};
use std::collections::HashSet;
use std::path::{Path, PathBuf};
use url::Url;

fn program(path: &Path) -> Program {
    let content = Content::new(LibraryPath::new([embedded::standard_library()]), embedded::context());
    let options = Options::default();
    let mut report = Report::default();
    let program = outline(&Url::from_file_path(path).unwrap(), &content, &options, &mut report);
    program.unwrap_or_else(|_| panic!("{}: {:#?}", path.display(), report.diagnostics()))
}

/// The program of a root flow, and of other definitions beside it.
fn program_of(root: &str, others: &[(&str, &str)]) -> Program {
    let directory = tempfile::tempdir().unwrap();
    std::fs::write(directory.path().join("root.toml"), root).unwrap();
    for (name, text) in others {
        std::fs::write(directory.path().join(name), text).unwrap();
    }
    program(directory.path())
}

fn examples() -> Vec<PathBuf> {
    let all = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples").canonicalize().unwrap();
    let entries = std::fs::read_dir(all).unwrap().map(|entry| entry.unwrap().path());
    let mut examples: Vec<PathBuf> = entries.filter(|path| path.join("root.toml").is_file()).collect();
    examples.sort();
    assert!(examples.len() >= 7, "{examples:?}");
    examples
}

/// Numbers that look random and are the same every time.
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % limit as u64).unwrap()
    }
}

fn node(kind: Kind, title: String, inputs: usize, outputs: usize, dice: &mut Dice) -> Node {
    let port = |number: usize, dice: &mut Dice| {
        let initializer = (dice.below(4) == 0).then(|| super::scene::InitialValue {
            occasion: if dice.below(2) == 0 { Occasion::Once } else { Occasion::Always },
            text: "\"ä value <that> is long\"".chars().take(1 + dice.below(30)).collect(),
        });
        let name = if dice.below(5) == 0 {
            String::new()
        } else {
            format!("port-{number}{}", "m".repeat(dice.below(30)))
        };
        Port { name, hover: "a: b".to_owned(), initializer, is_copy: false }
    };
    let inputs = (0..inputs).map(|number| port(number, dice)).collect();
    let outputs = (0..outputs).map(|number| Port { initializer: None, ..port(number, dice) }).collect();
    let subtitle =
        if dice.below(2) == 0 { String::new() } else { "lib://some/where".repeat(1 + dice.below(4)) };
    Node { kind, title, subtitle, hover: String::new(), drawing: None, frame: None, inputs, outputs }
}

/// A scene with everything that makes drawing hard: circles, edges from a node to itself, double edges, edges across
/// everything, inputs and outputs of the flow.
fn random_scene(seed: u64) -> Scene {
    let mut dice = Dice(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1);
    let mut scene = Scene::default();
    let has_signs = dice.below(2) == 0;
    for number in 0..if has_signs { dice.below(4) } else { 0 } {
        scene.nodes.push(node(Kind::Input, format!("in {number}"), 0, 1, &mut dice));
    }
    for number in 0..1 + dice.below(14) {
        let kind = [Kind::Flow, Kind::Function, Kind::Source, Kind::Sink][dice.below(4)];
        let title = "日本 wide <name> ".chars().cycle().take(dice.below(50)).collect::<String>()
            + &number.to_string();
        let (inputs, outputs) = (dice.below(5), dice.below(7));
        scene.nodes.push(node(kind, title, inputs, outputs, &mut dice));
    }
    for number in 0..if has_signs { dice.below(4) } else { 0 } {
        scene.nodes.push(node(Kind::Output, format!("out {number}"), 1, 0, &mut dice));
    }
    let outputs: Vec<End> = ends(&scene, |node| node.outputs.len());
    let inputs: Vec<End> = ends(&scene, |node| node.inputs.len());
    if outputs.is_empty() || inputs.is_empty() {
        return scene;
    }
    for number in 0..dice.below(2 * scene.nodes.len() + 2) {
        let label = ["", "", "/1", "a label of some length"][dice.below(4)].to_owned();
        let (from, to) = (outputs[dice.below(outputs.len())], inputs[dice.below(inputs.len())]);
        scene.edges.push(Edge { from, to, label, hover: number.to_string(), is_copy: dice.below(5) == 0 });
    }
    scene
}

fn ends(scene: &Scene, count: impl Fn(&Node) -> usize) -> Vec<End> {
    let nodes = scene.nodes.iter().enumerate();
    nodes.flat_map(|(node, it)| (0..count(it)).map(move |port| End { node, port })).collect()
}

fn drawing_of(scene: Scene) -> Drawing {
    Drawing { title: "random".to_owned(), scenes: vec![scene], ..Drawing::default() }
}

fn overlap(one: &Area, other: &Area) -> bool {
    let apart = 0.5;
    one.x + one.width > other.x + apart
        && other.x + other.width > one.x + apart
        && one.y + one.height > other.y + apart
        && other.y + other.height > one.y + apart
}

/// Points close to each other on a line.
fn points(route: &layout::Route) -> Vec<(f64, f64)> {
    let mut at = route.start;
    let mut points = vec![(at.x, at.y)];
    for stroke in &route.strokes {
        let (one, other, to) = match stroke {
            Stroke::Line(to) => (at, *to, *to),
            Stroke::Curve(one, other, to) => (*one, *other, *to),
        };
        for step in 1..=24 {
            let t = f64::from(step) / 24.0;
            let u = 1.0 - t;
            let mix = |a: f64, b: f64, c: f64, d: f64| {
                u * u * u * a + 3.0 * u * u * t * b + 3.0 * u * t * t * c + t * t * t * d
            };
            points.push((mix(at.x, one.x, other.x, to.x), mix(at.y, one.y, other.y, to.y)));
        }
        at = to;
    }
    points
}

fn end(route: &layout::Route) -> layout::Point {
    match route.strokes.last() {
        Some(Stroke::Line(to) | Stroke::Curve(_, _, to)) => *to,
        None => route.start,
    }
}

/// Everything that holds of a scene that is laid out.
fn check(what: &str, scene: &Scene, plan: &Plan) {
    assert_eq!((plan.nodes.len(), plan.edges.len()), (scene.nodes.len(), scene.edges.len()), "{what}");
    let inside = |x: f64, y: f64| x >= -8.0 && y >= -3.0 && x <= plan.width + 8.0 && y <= plan.height + 3.0;
    let boxes: Vec<Area> = plan.nodes.iter().map(|placed| placed.area).collect();
    let labels: Vec<Area> = plan.edges.iter().filter_map(|route| route.label).collect();
    let all: Vec<&Area> = boxes.iter().chain(&labels).collect();
    for (number, one) in all.iter().enumerate() {
        assert!(inside(one.x, one.y) && inside(one.x + one.width, one.y + one.height), "{what}: {one:?}");
        for other in all.iter().skip(number + 1) {
            assert!(!overlap(one, other), "{what}: {one:?} and {other:?}");
        }
    }
    for (node, placed) in scene.nodes.iter().zip(&plan.nodes) {
        assert_eq!(
            (placed.inputs.len(), placed.outputs.len()),
            (node.inputs.len(), node.outputs.len()),
            "{what}"
        );
        let distinct =
            |heights: &[f64]| heights.iter().map(|height| height.to_bits()).collect::<HashSet<_>>().len();
        assert_eq!(
            (distinct(&placed.inputs), distinct(&placed.outputs)),
            (node.inputs.len(), node.outputs.len())
        );
        for height in placed.inputs.iter().chain(&placed.outputs) {
            let area = placed.area;
            assert!(*height > area.y && *height < area.y + area.height, "{what}: {node:?} {placed:?}");
        }
    }
    for (edge, route) in scene.edges.iter().zip(&plan.edges) {
        let (from, to) = (&plan.nodes[edge.from.node], &plan.nodes[edge.to.node]);
        let near = |one: f64, other: f64| (one - other).abs() < 0.01;
        assert!(near(route.start.x, from.area.x + from.area.width + RADIUS), "{what}: {edge:?} {route:?}");
        assert!(near(route.start.y, from.outputs[edge.from.port]), "{what}: {edge:?} {route:?}");
        assert!(near(end(route).x, to.area.x - RADIUS), "{what}: {edge:?} {route:?}");
        assert!(near(end(route).y, to.inputs[edge.to.port]), "{what}: {edge:?} {route:?}");
        assert_eq!(route.label.is_some(), !edge.label.is_empty());
        for (x, y) in points(route) {
            assert!(inside(x, y), "{what}: {edge:?} leaves the drawing at {x} {y}");
            for area in &boxes {
                let is_within = x > area.x + 0.5
                    && x < area.x + area.width - 0.5
                    && y > area.y + 0.5
                    && y < area.y + area.height - 0.5;
                assert!(!is_within, "{what}: {edge:?} runs through a box at {x} {y}: {area:?}");
            }
        }
    }
}

fn check_drawing(what: &str, drawing: &Drawing) {
    for (scene, plan) in drawing.scenes.iter().zip(layout::plans(&drawing.scenes)) {
        check(what, scene, &plan);
    }
    check_svg(what, &svg::render(drawing, &vec!["link.svg".to_owned(); 50]));
}

/// The picture is well-formed, and none of its parts is outside it.
fn check_svg(what: &str, picture: &str) {
    let document =
        roxmltree::Document::parse(picture).unwrap_or_else(|error| panic!("{what}: {error}\n{picture}"));
    let root = document.root_element();
    let view: Vec<f64> =
        root.attribute("viewBox").unwrap().split(' ').map(|word| word.parse().unwrap()).collect();
    let number = |node: &roxmltree::Node<'_, '_>, name: &str| -> f64 {
        node.attribute(name).map_or(0.0, |text| text.parse().unwrap())
    };
    for node in document.descendants() {
        let (x, y) = (number(&node, "x"), number(&node, "y"));
        let area = match node.tag_name().name() {
            "rect" => Area { x, y, width: number(&node, "width"), height: number(&node, "height") },
            "text" => {
                let text = node.text().unwrap_or_default();
                let (size, is_bold) = match node.attribute("class") {
                    Some("heading") => (20.0, true),
                    Some("name") => (14.0, true),
                    Some("about") => (13.0, false),
                    Some("small" | "origin" | "label" | "value") => (11.0, false),
                    _ => (12.0, false),
                };
                let width = if is_bold { text::bold_width(text, size) } else { text::width(text, size) };
                let x = match node.attribute("class") {
                    Some("label" | "value") => x - width / 2.0,
                    Some(class) if class.starts_with("end") => x - width,
                    _ => x,
                };
                Area { x, y: y - size, width, height: size }
            }
            _ => continue,
        };
        let is_inside = area.x >= 0.0
            && area.y >= 0.0
            && area.x + area.width <= view[2]
            && area.y + area.height <= view[3];
        assert!(is_inside, "{what}: {area:?} {node:?} is not in {view:?}");
    }
}

#[test]
fn examples_are_drawn_without_anything_on_top_of_anything() {
    for example in examples() {
        let (drawings, names) = drawings(&program(&example));
        assert!(drawings.len() >= 2);
        for (drawing, name) in drawings.iter().zip(&names) {
            check_drawing(name, drawing);
        }
    }
}

#[test]
fn any_scene_is_drawn_without_anything_on_top_of_anything() {
    for seed in 0..120 {
        check_drawing(&format!("seed {seed}"), &drawing_of(random_scene(seed)));
    }
}

#[test]
fn what_is_written_in_a_box_fits_in_it_and_nothing_else_is_there() {
    for seed in 0..50 {
        let scene = random_scene(seed);
        let plans = layout::plans(std::slice::from_ref(&scene));
        for (node, placed) in scene.nodes.iter().zip(&plans[0].nodes) {
            if matches!(node.kind, Kind::Input | Kind::Output) {
                continue;
            }
            let width = |port: &Port| {
                let value = value_text(port).map_or(0.0, |text| value_width(&text));
                text::width(&port_name(port), 12.0) + value + 14.0
            };
            let widest = |ports: &[Port]| ports.iter().map(width).fold(0.0, f64::max);
            assert!(widest(&node.inputs) + widest(&node.outputs) <= placed.area.width, "{node:?} {placed:?}");
        }
    }
}

#[test]
fn a_large_flow_is_drawn_by_plain_layers() {
    let mut dice = Dice(7);
    let mut scene = Scene::default();
    for number in 0..1500 {
        scene.nodes.push(node(Kind::Function, format!("f{number}"), 2, 1, &mut dice));
    }
    for number in 1..1500 {
        let (from, to) =
            (End { node: dice.below(number), port: 0 }, End { node: number, port: dice.below(2) });
        scene.edges.push(Edge { from, to, label: String::new(), hover: String::new(), is_copy: false });
    }
    let plans = layout::plans(std::slice::from_ref(&scene));
    check("large", &scene, &plans[0]);
}

#[test]
fn pictures_are_the_same_every_time_and_know_no_place() {
    let formats = [Format::Svg, Format::Dot, Format::Mermaid];
    for example in examples() {
        let first = pictures(&program(&example), &formats);
        assert_eq!(first, pictures(&program(&example), &formats));
        let place = example.to_string_lossy().into_owned();
        assert!(first.iter().all(|picture| !picture.text.contains(&place)));
    }
}

const INNER: &str = "flow = \"inner\"\n[[input]]\nname = \"in\"\ntype = \"number\"\n[[output]]\nname = \"out\"\ntype = \"number\"\n\
    [[process]]\nsource = \"lib://flowstdlib/math/add\"\ninput.i2 = {always = 1}\n\
    [[connection]]\nfrom = \"input/in\"\nto = \"add/i1\"\n[[connection]]\nfrom = \"add\"\nto = \"output/out\"\n\
    [[connection]]\nname = \"kept\"\nfrom = \"add/i1\"\nto = \"output/out\"\n";

const OUTER: &str = "flow = \"outer <&> \\\"o\\\"\"\ndescription = \"says \\\"a\\\" < b\\nand more\"\n\
    [[process]]\nsource = \"context://args/get\"\n\
    [[process]]\nalias = \"a b-c é\"\nsource = \"inner\"\n[[process]]\nalias = \"again\"\nsource = \"inner\"\n\
    [[process]]\nsource = \"context://stdio/stdout\"\n\
    [[connection]]\nname = \"n\"\nfrom = \"get/json/1\"\nto = [\"a b-c é/in\", \"again/in\"]\n\
    [[connection]]\nfrom = \"a b-c é/out\"\nto = \"stdout\"\n";

fn nested() -> Program {
    program_of(OUTER, &[("inner.toml", INNER)])
}

fn kinds(scene: &Scene) -> Vec<Kind> {
    scene.nodes.iter().map(|node| node.kind).collect()
}

#[test]
fn a_flow_shows_its_inputs_processes_outputs_and_connections() {
    let (drawings, _) = drawings(&nested());
    let scene = &drawings[0].scenes[0];
    assert_eq!(kinds(scene), [Kind::Source, Kind::Flow, Kind::Flow, Kind::Sink]);
    let edges: Vec<(usize, usize, &str)> =
        scene.edges.iter().map(|edge| (edge.from.node, edge.to.node, edge.label.as_str())).collect();
    // The name stands at the first destination, the selector at each.
    assert_eq!(edges, [(0, 1, "/1  n"), (0, 2, "/1"), (1, 3, "")]);
    assert_eq!(scene.output(scene.edges[0].from).unwrap().name, "json");
    let scene = &drawings[1].scenes[0];
    assert_eq!(kinds(scene), [Kind::Input, Kind::Function, Kind::Output]);
    let value = scene.nodes[1].inputs[1].initializer.as_ref().unwrap();
    assert_eq!((value.occasion, value.text.as_str()), (Occasion::Always, "1"));
    let copy = scene.edges.iter().find(|edge| edge.is_copy).unwrap();
    assert!(scene.output(copy.from).unwrap().is_copy);
    assert_eq!((copy.label.as_str(), scene.nodes[1].outputs.len()), ("kept", 2));
    assert!(copy.hover.contains("add/i1") && copy.hover.contains("number"), "{}", copy.hover);
}

#[test]
fn the_compiled_graph_shows_functions_in_frames_with_their_numbers() {
    let (drawings, names) = drawings(&nested());
    assert_eq!(names.last().unwrap(), "outer _&_ _o_.compiled");
    let compiled = drawings.last().unwrap();
    assert_eq!(compiled.scenes.len(), 3);
    assert_eq!(kinds(&compiled.scenes[0]), [Kind::Source, Kind::Sink, Kind::Flow, Kind::Flow]);
    let frame = &compiled.scenes[0].nodes[2];
    assert_eq!((frame.frame, frame.inputs.len(), frame.outputs.len()), (Some(1), 1, 2));
    let inner = &compiled.scenes[1];
    assert_eq!(kinds(inner), [Kind::Function, Kind::Entry, Kind::Exit, Kind::Exit]);
    assert!(inner.nodes[0].title.starts_with("add #"), "{}", inner.nodes[0].title);
    let selectors: Vec<&str> = inner.edges.iter().map(|edge| edge.label.as_str()).collect();
    assert_eq!(selectors, ["/1", "", ""]);
    check_drawing("compiled", compiled);
}

#[test]
fn links_lead_to_drawings_that_are_there_and_back() {
    let pictures = pictures(&nested(), &[Format::Svg]);
    let files: Vec<&str> = pictures.iter().map(|picture| picture.file.as_str()).collect();
    assert_eq!(files, ["outer _&_ _o_.svg", "a b-c é.svg", "outer _&_ _o_.compiled.svg"]);
    let links = |picture: &Picture| -> Vec<String> {
        let document = roxmltree::Document::parse(&picture.text).unwrap();
        let links = document.descendants().filter_map(|node| node.attribute("href"));
        let decode = |link: &str| {
            let base = Url::parse("file:///").unwrap().join(link).unwrap();
            base.to_file_path().unwrap().strip_prefix("/").unwrap().to_string_lossy().into_owned()
        };
        links.map(decode).collect()
    };
    let (root, inner) = ("outer _&_ _o_.svg", "a b-c é.svg");
    assert_eq!(links(&pictures[0]), [inner, inner]);
    assert_eq!(links(&pictures[1]), [root]);
    assert_eq!(links(&pictures[2]), [root, inner, inner]);
}

#[test]
fn text_formats_escape_what_has_a_meaning_in_them() {
    let pictures = pictures(&nested(), &[Format::Dot, Format::Mermaid, Format::Dot]);
    assert_eq!(pictures.len(), 6);
    let dot = &pictures[0].text;
    assert!(dot.starts_with("digraph \"outer <&amp;> \\\"o\\\"\" {\n"), "{dot}");
    assert!(dot.contains("label=\"outer <&amp;> \\\"o\\\"\\nsays \\\"a\\\" < b\\nand more\""), "{dot}");
    assert!(dot.contains("URL=\"a%20b-c%20%C3%A9.dot\""), "{dot}");
    assert!(pictures[1].text.contains("i2 = 1 (always)") && pictures[1].text.contains("style=dashed"));
    let mermaid = &pictures[3].text;
    assert!(mermaid.starts_with("---\ntitle: \"outer <&> \\\"o\\\"\"\n---\nflowchart LR\n"), "{mermaid}");
    assert!(mermaid.contains("s0n1[[\"a b-c é<br/>inner\"]]:::flow"), "{mermaid}");
    assert!(pictures[4].text.contains("-. \"i1 kept\" .->"), "{}", pictures[4].text);
    assert!(pictures[5].text.contains("subgraph s0n2[\"a b-c é\"]"), "{}", pictures[5].text);
}

#[test]
fn every_example_has_its_drawings_beside_it() {
    for example in examples() {
        let wanted = pictures(&program(&example), &[Format::Svg]);
        for picture in wanted.iter().filter(|picture| !picture.file.ends_with(".compiled.svg")) {
            let path = example.join(&picture.file);
            let found = std::fs::read_to_string(&path).unwrap_or_default();
            assert!(
                found == picture.text,
                "{} is not current: `cargo xtask draw` makes it so",
                path.display()
            );
        }
    }
}
