//! The macros that define the type of a registry.

/// A code point of any registry, for printing.
pub(crate) trait CodePoint: Copy {
    /// Its registered name.
    fn registered(self) -> Option<&'static str>;
    /// Its number.
    fn number(self) -> u32;
    /// Its size in bytes.
    const BYTES: usize;
}

/// Defines the type of a registry, with one line `NAME = value, "registered name"; "source"` for each code
/// point.
///
/// If the registered name is omitted, it is the name of the constant.
macro_rules! code_points {
    (
        $(#[$attribute:meta])*
        pub struct $type:ident($int:ident);
        $($name:ident = $value:literal $(, $text:literal)? ; $source:literal)*
    ) => {
        $(#[$attribute])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $type(pub $int);

        #[allow(non_upper_case_globals, reason = "some registered names are of mixed case")]
        impl $type {
            $(
                #[doc = concat!(
                    "`", $crate::codes::registry::registered_name!($name $($text)?), "`, ", $source, "."
                )]
                pub const $name: Self = Self($value);
            )*

            /// All code points that have a name, in registry order.
            pub const KNOWN: &'static [Self] = &[$(Self::$name),*];

            /// The registered name, or `None` if the value is not registered.
            #[must_use]
            pub const fn name(self) -> Option<&'static str> {
                match self.0 {
                    $($value => Some($crate::codes::registry::registered_name!($name $($text)?)),)*
                    _ => None,
                }
            }

            /// The code point with this registered name (case-sensitive), or `None`.
            #[must_use]
            pub fn from_name(name: &str) -> Option<Self> {
                Self::KNOWN.iter().copied().find(|known| known.name() == Some(name))
            }
        }

        impl ::core::fmt::Display for $type {
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                match self.name() {
                    Some(name) => f.pad(name),
                    // The width includes the prefix `0x`.
                    None => write!(f, "{:#0width$x}", self.0, width = 2 + 2 * size_of::<$int>()),
                }
            }
        }

        impl ::core::fmt::Debug for $type {
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                ::core::fmt::Display::fmt(self, f)
            }
        }

        impl From<$int> for $type {
            fn from(value: $int) -> Self {
                Self(value)
            }
        }

        impl From<$type> for $int {
            fn from(code: $type) -> Self {
                code.0
            }
        }

        impl $crate::codes::CodePoint for $type {
            const BYTES: usize = size_of::<$int>();

            fn registered(self) -> Option<&'static str> {
                self.name()
            }

            fn number(self) -> u32 {
                self.0.into()
            }
        }

        impl<'a> $crate::codec::Decode<'a> for $type {
            const SIZE: Option<usize> = Some(size_of::<$int>());
            const ANY: bool = true;

            #[inline]
            fn decode(r: &mut $crate::reader::Reader<'a>) -> Result<Self, $crate::error::DecodeError> {
                r.$int(stringify!($type)).map(Self)
            }
        }

        impl $crate::codec::Encode for $type {
            #[inline]
            fn encode(&self, w: &mut $crate::writer::Writer<'_>) -> Result<(), $crate::error::EncodeError> {
                w.$int(self.0)
            }
        }
    };
}

/// The registered name if one is given, otherwise the name of the constant.
macro_rules! registered_name {
    ($name:ident $text:literal) => {
        $text
    };
    ($name:ident) => {
        stringify!($name)
    };
}

/// Implements `is_grease` for a registry of 16-bit values.
macro_rules! grease {
    ($type:ident) => {
        impl $type {
            /// Returns `true` if the value is one of the 16 GREASE values 0x0A0A, 0x1A1A, …, 0xFAFA (RFC 8701
            /// section 2).
            #[must_use]
            pub const fn is_grease(self) -> bool {
                let [high, low] = self.0.to_be_bytes();
                high == low && high & 0x0f == 0x0a
            }
        }
    };
}

pub(crate) use registered_name;
pub(super) use {code_points, grease};
