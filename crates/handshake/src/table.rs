//! Transition tables: code and data from one source.

/// One row of a transition table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Row {
    /// The state it is for.
    pub state: &'static str,
    /// The input it takes: a message, ChangeCipherSpec, or an answer.
    pub input: &'static str,
    /// The states it can lead to; none when it can only fail.
    pub next: &'static [&'static str],
}

/// A transition table: what it does not have is `unexpected_message`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Table {
    /// Its name: role and version.
    pub name: &'static str,
    /// Its rows, in the RFC's order.
    pub rows: &'static [Row],
}

impl Table {
    /// What it takes in a state, to go on from there.
    pub(crate) fn expected(&self, state: &'static str) -> impl Iterator<Item = &'static str> + use<> {
        let leads_on = move |row: &&Row| row.state == state && !row.next.is_empty();
        self.rows.iter().filter(leads_on).map(|row| row.input)
    }
}

/// Makes of a table both the function that steps through it and the data that describes it.
///
/// A row reads: in this state, on this input, call this method of the state, which leads to one of these.
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

        /// Takes one step through the table.
        pub(crate) fn step(
            state: State,
            input: $crate::trigger::Trigger<'_>,
            cx: &mut $Cx<'_>,
        ) -> Result<$Next, $crate::ErrorKind> {
            match (state, input) {
                $( (State::$state(state), $crate::trigger::Trigger::$input(input)) => {
                    state.$action(input, cx)
                } )*
                (_, input) => Err($crate::ErrorKind::UnexpectedMessage { got: input.name() }),
            }
        }
    };
}

/// The states of one stage: an enum with a struct for each, and the way from each struct into the role's state.
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
