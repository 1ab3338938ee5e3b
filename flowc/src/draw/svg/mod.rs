//! A drawing as SVG.

mod legend;
pub(super) mod markup;
mod node;

use super::layout::{self, Area, Plan, Point, Route, Stroke, shape};
use super::scene::{Drawing, Edge, Kind, Scene};
use super::text::{bold_width, one_line, shorten, width, wrap};
use markup::{Escaped, Length, Markup};

/// Around everything.
const MARGIN: f64 = 28.0;
/// Between the lines of the description.
const LINE: f64 = 19.0;

const STYLE: &str = include_str!("style.css");

/// The SVG of a drawing. Links lead to the file names given, by drawing.
pub(super) fn render(drawing: &Drawing, links: &[String]) -> String {
    let sheet = Sheet::new(drawing);
    let mut markup = Markup::default();
    sheet.begin(&mut markup);
    sheet.heading(&mut markup, links);
    for (number, scene) in drawing.scenes.iter().enumerate() {
        sheet.scene(&mut markup, number, scene, links);
    }
    legend::draw(&mut markup, &sheet.legend, MARGIN, sheet.legend_top);
    markup.line(format_args!("</svg>"));
    markup.finish()
}

/// A drawing in which everything has its place on the page.
struct Sheet<'run> {
    drawing: &'run Drawing,
    plans: Vec<Plan>,
    /// Where each scene begins.
    starts: Vec<Point>,
    /// The node that each scene is a frame in.
    frames: Vec<Option<Area>>,
    about: Vec<String>,
    legend: Vec<legend::Entry>,
    legend_top: f64,
    width: f64,
    height: f64,
}

impl<'run> Sheet<'run> {
    fn new(drawing: &'run Drawing) -> Sheet<'run> {
        let plans = layout::plans(&drawing.scenes);
        let whole = plans.first().cloned().unwrap_or_default();
        let heading = shorten(&drawing.title, 60);
        let about = wrap(&one_line(&drawing.description), 13.0, whole.width.max(480.0), 4);
        let parents = drawing.ways_up();
        let legend = legend::entries(drawing);
        let mut widest = bold_width(&heading, 20.0).max(whole.width).max(legend::width(&legend));
        for line in about.iter().chain([&parents]) {
            widest = widest.max(width(line, 13.0));
        }
        let lines = about.len() + usize::from(!parents.is_empty());
        let top = MARGIN + 26.0 + LINE * lines as f64 + 18.0;
        let left = MARGIN + (widest - whole.width) / 2.0;
        let legend_top = top + whole.height + 26.0;
        let below = if legend.is_empty() { 0.0 } else { 26.0 + legend::HEIGHT };
        let mut sheet = Sheet {
            drawing,
            starts: vec![Point::new(left, top); plans.len()],
            frames: vec![None; plans.len()],
            about,
            legend,
            legend_top,
            width: (widest + 2.0 * MARGIN).ceil(),
            height: (top + whole.height + below + MARGIN).ceil(),
            plans,
        };
        sheet.place_frames();
        sheet
    }

    /// Frames stand behind the scenes that they are in, so one way through the list is enough.
    fn place_frames(&mut self) {
        for (number, scene) in self.drawing.scenes.iter().enumerate() {
            let (Some(plan), Some(start)) = (self.plans.get(number), self.starts.get(number).copied()) else {
                continue;
            };
            for (node, placed) in scene.nodes.iter().zip(&plan.nodes) {
                let Some(frame) = node.frame else { continue };
                let Some(inner) = self.plans.get(frame) else { continue };
                let area = Area { x: placed.area.x + start.x, y: placed.area.y + start.y, ..placed.area };
                let x = area.x + (area.width - inner.width) / 2.0;
                let place = Point::new(x, area.y + shape::header(node) + 4.0);
                self.starts.get_mut(frame).into_iter().for_each(|slot| *slot = place);
                self.frames.get_mut(frame).into_iter().for_each(|slot| *slot = Some(area));
            }
        }
    }

    fn begin(&self, markup: &mut Markup) {
        let (width, height) = (Length(self.width), Length(self.height));
        markup.line(format_args!(
            r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" role="img" aria-labelledby="title about">"#
        ));
        markup.line(format_args!(r#"<title id="title">{}</title>"#, Escaped(&self.drawing.title)));
        markup.line(format_args!(r#"<desc id="about">{}</desc>"#, Escaped(&self.drawing.description)));
        markup.line(format_args!("<style>\n{}</style>", STYLE));
        markup.line(format_args!(
            r#"<defs><marker id="tip" viewBox="0 0 10 10" refX="8" refY="5" markerWidth="11" markerHeight="11" markerUnits="userSpaceOnUse" orient="auto"><path class="tip" d="M0 1 L9 5 L0 9 Z"/></marker></defs>"#
        ));
        markup.line(format_args!(r#"<rect class="page" width="{width}" height="{height}" rx="10"/>"#));
    }

    fn heading(&self, markup: &mut Markup, links: &[String]) {
        let mut y = MARGIN + 18.0;
        markup.text("heading", MARGIN, y, &shorten(&self.drawing.title, 60));
        y += 6.0;
        for line in &self.about {
            y += LINE;
            markup.text("about", MARGIN, y, line);
        }
        let mut x = MARGIN;
        y += LINE;
        for (number, parent) in self.drawing.parents.iter().take(MOST_PARENTS).enumerate() {
            let text = self.drawing.way_up(number, &parent.title);
            if let Some(link) = links.get(parent.drawing) {
                markup.line(format_args!(r#"<a href="{}">"#, Escaped(link)));
                markup.text("about", x, y, &text);
                markup.line(format_args!("</a>"));
            }
            x += width(&text, 13.0) + 14.0;
        }
    }

    fn scene(&self, markup: &mut Markup, number: usize, scene: &Scene, links: &[String]) {
        let (Some(plan), Some(start)) = (self.plans.get(number), self.starts.get(number).copied()) else {
            return;
        };
        let frame = self.frames.get(number).copied().flatten();
        for (edge, route) in scene.edges.iter().zip(&plan.edges) {
            let mut route = route.clone();
            route.shift(start);
            let is_last = scene.nodes.get(edge.to.node).is_none_or(|node| node.kind != Kind::Exit);
            draw_edge(markup, edge, &route, is_last);
        }
        for (node, placed) in scene.nodes.iter().zip(&plan.nodes) {
            let mut placed = placed.clone();
            placed.shift(start);
            match (node.kind, frame) {
                (Kind::Entry | Kind::Exit, Some(frame)) => node::pin(markup, node.kind, &placed, frame),
                (Kind::Entry | Kind::Exit, None) => {}
                (Kind::Input | Kind::Output, _) => node::sign(markup, node, &placed),
                _ if node.frame.is_some() => node::frame(markup, node, &placed, links),
                _ => node::process(markup, node, &placed, links),
            }
        }
    }
}

/// As many flows as are named as users of one.
const MOST_PARENTS: usize = 4;

impl Drawing {
    /// What is written for a way up.
    fn way_up(&self, number: usize, title: &str) -> String {
        let name = shorten(title, 30);
        if number == 0 { format!("\u{2191} {} {name}", self.relation) } else { name }
    }

    /// The line with the ways up, about as wide as it gets.
    fn ways_up(&self) -> String {
        let ways = self.parents.iter().take(MOST_PARENTS).enumerate();
        let ways: Vec<String> = ways.map(|(number, parent)| self.way_up(number, &parent.title)).collect();
        ways.join("    ")
    }
}

fn draw_edge(markup: &mut Markup, edge: &Edge, route: &Route, has_tip: bool) {
    let class = if edge.is_copy { "edge copy" } else { "edge" };
    markup.line(format_args!(r#"<g class="{class}">"#));
    markup.hover(&edge.hover);
    let path = path(route);
    let tip = if has_tip { r#" marker-end="url(#tip)""# } else { "" };
    markup.line(format_args!(r#"<path class="hit" d="{path}"/>"#));
    markup.line(format_args!(r#"<path d="{path}"{tip}/>"#));
    if let Some(label) = &route.label {
        let text = layout::label_text(&edge.label);
        markup.text("label", label.x + label.width / 2.0, label.y + label.height - 4.0, &text);
    }
    markup.line(format_args!("</g>"));
}

fn path(route: &Route) -> String {
    let at = |point: &Point| format!("{} {}", Length(point.x), Length(point.y));
    let mut path = format!("M{}", at(&route.start));
    for stroke in &route.strokes {
        match stroke {
            Stroke::Line(to) => path.push_str(&format!(" L{}", at(to))),
            Stroke::Curve(one, other, to) => {
                path.push_str(&format!(" C{} {} {}", at(one), at(other), at(to)));
            }
        }
    }
    path
}
