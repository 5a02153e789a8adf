//! The macros that make code and data from one definition of a transition table.
//!
//! A role has stages: the hello stage, and one for each version. Each has its own states and its own table.

/// The result of a step of a stage. A stage does not know the one before it, so a step that leaves it returns
/// a value, and the role continues with that.
pub(crate) enum Step<State, Leave> {
    /// To a state of the same stage.
    Stay(State),
    /// Out of the stage.
    Leave(Leave),
}

impl<State, Leave> From<State> for Step<State, Leave> {
    fn from(state: State) -> Self {
        Self::Stay(state)
    }
}

/// Defines from a table both the function that steps through it and the data that describes it.
///
/// A row means: in this state, on this input, call this method of the state, or of a field of it. A method
/// that always stays in the stage returns its `State`, another a [`Step`]. `Leave` is the type of the value
/// that a step returns if it leaves the stage. A method after `!` always fails, with a more specific error
/// than `unexpected_message`.
macro_rules! transition_table {
    (
        $(#[$doc:meta])*
        $name:literal in $version:expr, for $Cx:ident, leaving with $Leave:ty:
        $( $state:ident, $input:ident => $(! $refusal:ident)? $($($action:ident).+)?; )*
    ) => {
        $(#[$doc])*
        pub(crate) const TABLE: $crate::transition::Table = $crate::transition::Table {
            name: $name,
            version: $version,
            rows: &[$( $crate::transition::Row {
                state: stringify!($state),
                input: stringify!($input),
                accepted: {
                    const REFUSAL: &[&str] = &[$(stringify!($refusal))?];
                    REFUSAL.is_empty()
                },
            } ),*],
        };

        /// Whether the table has a row for this state and this input.
        pub(crate) const fn takes(state: &State, input: &$crate::trigger::Trigger<'_>) -> bool {
            matches!(
                (state, input),
                $( (State::$state(_), $crate::trigger::Trigger::$input(_)) )|*
            )
        }

        /// Whether the state asks a question: the table has a row for an answer.
        pub(crate) const fn asks(state: &State) -> bool {
            // A state that asks accepts the answer and inputs of our own, so its first row tells.
            #[allow(unreachable_patterns, reason = "a state may have several rows")]
            match state {
                $( State::$state(_) => const { $crate::trigger::is_answer(stringify!($input)) }, )*
            }
        }

        /// Executes one step of the table.
        pub(crate) fn step<'a>(
            state: State,
            input: $crate::trigger::Trigger<'a>,
            cx: &mut $Cx<'_>,
        ) -> Result<$crate::table::Step<State, $Leave>, $crate::error::HandshakeError> {
            let failed = |kind, state| $crate::error::HandshakeError { kind, state, table: &TABLE };
            match (state, input) {
                $( (State::$state(state), $crate::trigger::Trigger::$input(input)) => {
                    let stepped = state $(.$refusal)? $($(.$action)+)? (input, cx);
                    stepped.map(Into::into).map_err(|kind| failed(kind, stringify!($state)))
                } )*
                (state, input) => {
                    let got = input.name();
                    Err(failed($crate::error::HandshakeErrorKind::UnexpectedMessage { got }, state.name()))
                }
            }
        }
    };
}

/// The states of one stage: an enum with one struct for each state.
macro_rules! states {
    ($( $state:ident ),* $(,)?) => {
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

        $( impl From<$state> for State {
            fn from(state: $state) -> Self {
                Self::$state(state)
            }
        } )*
    };
}

pub(crate) use {states, transition_table};
