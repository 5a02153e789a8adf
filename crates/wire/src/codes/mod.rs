//! Code points: the numbers of the TLS registries, each registry a type of its own.
//!
//! A code point is a number with names, and not an `enum`: every value can be held, so that what is unknown, reserved or
//! GREASE (RFC 8701) goes through unchanged. `Display` and `Debug` print the registered name, or the number in
//! hexadecimal where there is none.

mod cipher_suite;
mod extension_type;
mod key_exchange;
mod named_group;
mod protocol;
mod signature_scheme;
mod small;

pub use cipher_suite::CipherSuite;
pub use extension_type::ExtensionType;
pub use key_exchange::KeyExchangeAlgorithm;
pub use named_group::NamedGroup;
pub use protocol::{AlertDescription, AlertLevel, ContentType, HandshakeType, ProtocolVersion};
pub use signature_scheme::SignatureScheme;
pub use small::{
    CertificateStatusType, CertificateType, ClientCertificateType, CompressionMethod, EcCurveType,
    EcPointFormat, MaxFragmentLengthCode, NameType,
};

/// Defines the type of a registry: `NAME = value, "registered name", "source";` for each code point.
///
/// Without a registered name the name of the constant is the registered name.
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
                #[doc = concat!("`", $crate::codes::registered_name!($name $($text)?), "`, ", $source, ".")]
                pub const $name: Self = Self($value);
            )*

            /// Every code point that has a name here, in the order of the registry.
            pub const KNOWN: &'static [Self] = &[$(Self::$name),*];

            /// The registered name, or `None` where the value has none.
            #[must_use]
            pub const fn name(self) -> Option<&'static str> {
                match self.0 {
                    $($value => Some($crate::codes::registered_name!($name $($text)?)),)*
                    _ => None,
                }
            }

            /// The code point with this registered name (the case matters), or `None`.
            #[must_use]
            pub fn from_name(name: &str) -> Option<Self> {
                Self::KNOWN.iter().copied().find(|known| known.name() == Some(name))
            }
        }

        impl ::core::fmt::Display for $type {
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                match self.name() {
                    Some(name) => f.pad(name),
                    // The prefix counts as two of the digits that are asked for.
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

        impl $crate::tree::CodePoint for $type {
            const BYTES: usize = size_of::<$int>();

            fn registered(self) -> Option<&'static str> {
                self.name()
            }

            fn number(self) -> u32 {
                self.0.into()
            }
        }

        impl<'a> $crate::Decode<'a> for $type {
            const SIZE: Option<usize> = Some(size_of::<$int>());
            const ANY: bool = true;

            fn decode(r: &mut $crate::Reader<'a>) -> Result<Self, $crate::DecodeError> {
                r.$int(stringify!($type)).map(Self)
            }
        }

        impl $crate::Encode for $type {
            fn encode(&self, w: &mut $crate::Writer<'_>) -> Result<(), $crate::EncodeError> {
                w.$int(self.0)
            }
        }
    };
}

/// The registered name where one is given, else the name of the constant.
macro_rules! registered_name {
    ($name:ident $text:literal) => {
        $text
    };
    ($name:ident) => {
        stringify!($name)
    };
}

/// Gives a registry of 16 bits its test for GREASE.
macro_rules! grease {
    ($type:ident) => {
        impl $type {
            /// Whether the value is one of the sixteen that RFC 8701 section 2 reserves to keep peers tolerant: 0x0A0A,
            /// 0x1A1A, to 0xFAFA.
            #[must_use]
            pub const fn is_grease(self) -> bool {
                let [high, low] = self.0.to_be_bytes();
                high == low && high & 0x0f == 0x0a
            }
        }
    };
}

use {code_points, grease, registered_name};

#[cfg(test)]
mod tests;
