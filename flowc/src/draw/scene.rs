//! What is to be seen in a drawing, before anybody has decided where.

/// One drawing: a flow, or the compiled graph.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Drawing {
    /// The heading.
    pub title: String,
    /// A line below it; may be empty.
    pub description: String,
    /// What the ways up mean: `used in`.
    pub relation: &'static str,
    /// The drawings that this one belongs to.
    pub parents: Vec<Link>,
    /// The whole first, then the frames in it; a frame stands behind the scene that it is in.
    pub scenes: Vec<Scene>,
}

/// A way to another drawing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// What to call it.
    pub title: String,
    /// Its position in the list of drawings.
    pub drawing: usize,
}

/// Nodes and the edges between them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Scene {
    /// Boxes and what else edges lead to.
    pub nodes: Vec<Node>,
    /// Ends are positions in this scene.
    pub edges: Vec<Edge>,
}

/// What a node stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    /// A flow.
    Flow,
    /// A pure function, or one that comes with the flow.
    Function,
    /// A context function that gives values.
    Source,
    /// A context function that only takes values.
    Sink,
    /// An input of the flow that is drawn.
    Input,
    /// An output of the flow that is drawn.
    Output,
    /// Where an edge comes into a frame.
    Entry,
    /// Where an edge leaves a frame.
    Exit,
}

/// One node.
#[derive(Clone, Debug, PartialEq)]
pub struct Node {
    /// What it stands for.
    pub kind: Kind,
    /// Its name.
    pub title: String,
    /// Where it comes from or what it is called there; may be empty.
    pub subtitle: String,
    /// What to show when somebody points at it.
    pub hover: String,
    /// The drawing of what is in it.
    pub drawing: Option<usize>,
    /// The scene that is drawn in it.
    pub frame: Option<usize>,
    /// Where edges arrive.
    pub inputs: Vec<Port>,
    /// Where edges leave.
    pub outputs: Vec<Port>,
}

/// A place where edges begin or end.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Port {
    /// Its name; empty for a default input or output.
    pub name: String,
    /// What to show when somebody points at it.
    pub hover: String,
    /// A value that is there without an edge.
    pub initializer: Option<InitialValue>,
    /// Whether it gives the value that was taken from an input.
    pub is_copy: bool,
}

/// How often a value is given without an edge.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Occasion {
    /// At the start.
    Once,
    /// For every job.
    Always,
}

/// A value that is there without an edge.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InitialValue {
    /// How often.
    pub occasion: Occasion,
    /// The value, in full.
    pub text: String,
}

/// One end of an edge.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct End {
    /// Which node of the scene.
    pub node: usize,
    /// Which of its outputs where an edge begins, of its inputs where it ends.
    pub port: usize,
}

/// A connection as it is drawn.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edge {
    /// Where it begins.
    pub from: End,
    /// Where it ends.
    pub to: End,
    /// What is written at it; may be empty.
    pub label: String,
    /// What to show when somebody points at it.
    pub hover: String,
    /// Whether it carries copies of an input.
    pub is_copy: bool,
}

impl Scene {
    /// The output that an edge begins at.
    pub fn output(&self, end: End) -> Option<&Port> {
        self.nodes.get(end.node)?.outputs.get(end.port)
    }

    /// The input that an edge ends at.
    pub fn input(&self, end: End) -> Option<&Port> {
        self.nodes.get(end.node)?.inputs.get(end.port)
    }
}
