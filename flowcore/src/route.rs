//! Where a process or one of its inputs and outputs stands in the hierarchy.

use std::fmt;

/// An absolute path of aliases: `/root/sub/function`, and behind it the name of an input or output.
///
/// Routes are for people. An unnamed input shares the route of its process, and so may an output of the same name, so
/// nothing is ever looked up by route.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Route(String);

impl Route {
    /// The route of a root flow.
    pub fn root(name: &str) -> Route {
        Route(format!("/{name}"))
    }

    /// The route of something inside; what has no name shares the route of what it belongs to.
    #[must_use]
    pub fn join(&self, name: &str) -> Route {
        if name.is_empty() { self.clone() } else { Route(format!("{}/{name}", self.0)) }
    }

    /// The route of a process inside; one whose name is empty has a route of its own all the same.
    #[must_use]
    pub fn inside(&self, alias: &str) -> Route {
        Route(format!("{}/{alias}", self.0))
    }

    /// The text of the route.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Route {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl From<Route> for String {
    fn from(route: Route) -> String {
        route.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unnamed_input_shares_the_route_of_its_process() {
        let process = Route::root("meter").join("conv");
        assert_eq!(process.join("pair").as_str(), "/meter/conv/pair");
        assert_eq!(process.join("").as_str(), "/meter/conv");
    }
}
