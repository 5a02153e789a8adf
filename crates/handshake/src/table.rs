//! The macros that make code and data from one definition of a transition table.

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
        pub(crate) const TABLE: $crate::transition::Table = $crate::transition::Table {
            name: $name,
            rows: &[$( $crate::transition::Row {
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
        ) -> Result<$Next, $crate::error::HandshakeErrorKind> {
            match (state, input) {
                $( (State::$state(state), $crate::trigger::Trigger::$input(input)) => {
                    state.$action(input, cx)
                } )*
                (_, input) => Err($crate::error::HandshakeErrorKind::UnexpectedMessage { got: input.name() }),
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
