//! The two sides of a connection.

/// One of the two sides of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum From {
    Client,
    Server,
}

impl From {
    /// Both, in their order.
    pub(crate) const BOTH: [Self; 2] = [Self::Client, Self::Server];

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Client => "client",
            Self::Server => "server",
        }
    }
}

/// Two values, one for each side.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Sides<T> {
    pub(crate) client: T,
    pub(crate) server: T,
}

impl<T> Sides<T> {
    pub(crate) const fn of(&self, from: From) -> &T {
        match from {
            From::Client => &self.client,
            From::Server => &self.server,
        }
    }

    pub(crate) const fn of_mut(&mut self, from: From) -> &mut T {
        match from {
            From::Client => &mut self.client,
            From::Server => &mut self.server,
        }
    }
}
