//! Transition tables: code and data from one definition.

/// One row of a transition table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Row {
    /// The state.
    pub state: &'static str,
    /// The accepted input: a message, ChangeCipherSpec, or an answer.
    pub input: &'static str,
    /// The possible next states; empty if the input always fails.
    pub next: &'static [&'static str],
}

/// A transition table. An input without a row is `unexpected_message`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Table {
    /// The name of the table: role and version.
    pub name: &'static str,
    /// The rows, in the RFC's order.
    pub rows: &'static [Row],
}

impl Table {
    /// The inputs that a state accepts.
    pub(crate) fn expected(&self, state: &'static str) -> impl Iterator<Item = &'static str> + use<> {
        let leads_on = move |row: &&Row| row.state == state && !row.next.is_empty();
        self.rows.iter().filter(leads_on).map(|row| row.input)
    }
}

/// Defines from a table both the function that steps through it and the data that describes it.
///
/// A row means: in this state, on this input, call this method of the state, which returns one of these
/// states.
macro_rules! transition_table {
    (
        $(#[$doc:meta])*
        $name:literal for $Cx:ident, leading to $Next:ty:
        $( $state:ident, $input:ident => $action:ident -> [$($next:ident),*]; )*
    ) => {
        $(#[$doc])*
        pub(crate) const TABLE: $crate::table::Table = $crate::table::Table {
            name: $name,
            rows: &[$( $crate::table::Row {
                state: stringify!($state),
                input: stringify!($input),
                next: &[$(stringify!($next)),*],
            } ),*],
        };

        /// Whether the table has a row for this state and this input.
        pub(crate) const fn takes(state: &State, input: &$crate::trigger::Trigger<'_>) -> bool {
            matches!(
                (state, input),
                $( (State::$state(_), $crate::trigger::Trigger::$input(_)) )|*
            )
        }

        /// Executes one step of the table.
        pub(crate) fn step(
            state: State,
            input: $crate::trigger::Trigger<'_>,
            cx: &mut $Cx<'_>,
        ) -> Result<$Next, $crate::HandshakeErrorKind> {
            match (state, input) {
                $( (State::$state(state), $crate::trigger::Trigger::$input(input)) => {
                    state.$action(input, cx)
                } )*
                (_, input) => Err($crate::HandshakeErrorKind::UnexpectedMessage { got: input.name() }),
            }
        }
    };
}

/// The states of one stage: an enum, one struct for each state, and the conversions into the role's state.
macro_rules! states {
    ($stage:ident of $Role:ty: $( $state:ident ),* $(,)?) => {
        pub(crate) enum State {
            $( $state($state), )*
        }

        impl State {
            pub(crate) const fn name(&self) -> &'static str {
                match self {
                    $( Self::$state(_) => stringify!($state), )*
                }
            }
        }

        $( impl From<$state> for $Role {
            fn from(state: $state) -> Self {
                <$Role>::$stage(State::$state(state))
            }
        } )*
    };
}

pub(crate) use {states, transition_table};
