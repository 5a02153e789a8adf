//! The list of crates and of the dependencies between them that are allowed.

use core::cmp::Ordering;
use core::fmt;

use crate::workspace::{Edge, Kind};

/// Every crate of the workspace, bottom up, with its allowed dependencies. Some crates may not exist yet.
pub(super) const LIST: &[Entry] = &[
    layer(1, "cairn-wire", &[]),
    layer(2, "cairn-crypto", &["cairn-wire"]),
    layer(3, "cairn-schedule", &["cairn-wire", "cairn-crypto"]),
    layer(4, "cairn-handshake", &["cairn-wire", "cairn-crypto", "cairn-schedule"]),
    layer(5, "cairn-session", &["cairn-wire", "cairn-crypto", "cairn-schedule", "cairn-handshake"]),
    layer(6, "cairn-record", &["cairn-wire", "cairn-crypto", "cairn-schedule"]),
    Entry {
        // Behind features, so that users of another provider do not compile ours.
        only_optional: &["cairn-provider-aws-lc", "cairn-provider-rustcrypto"],
        ..layer(
            7,
            "cairn-config",
            &[
                "cairn-wire",
                "cairn-crypto",
                "cairn-schedule",
                "cairn-handshake",
                "cairn-session",
                "cairn-x509",
            ],
        )
    },
    layer(
        8,
        "cairn-tls",
        &[
            "cairn-wire",
            "cairn-crypto",
            "cairn-schedule",
            "cairn-handshake",
            "cairn-session",
            "cairn-record",
            "cairn-config",
            "cairn-x509",
        ],
    ),
    layer(
        8,
        "cairn-quic",
        &[
            "cairn-wire",
            "cairn-crypto",
            "cairn-schedule",
            "cairn-handshake",
            "cairn-session",
            "cairn-config",
            "cairn-x509",
        ],
    ),
    // An async runtime needs the standard library.
    Entry { no_std: false, ..layer(9, "cairn-tokio", &["cairn-tls"]) },
    Entry { no_std: false, ..layer(9, "cairn-quinn", &["cairn-quic"]) },
    // The rest comes through cairn-tokio, which re-exports cairn-tls.
    Entry { place: Place::Beneath(9), ..beside(9, "cairn-redis", &["cairn-tokio"]) },
    Entry { no_std: true, ..beside(2, "cairn-x509", &["cairn-wire", "cairn-crypto"]) },
    // Shared by both providers, so that neither depends on the other.
    Entry { place: Place::Beneath(2), no_std: true, ..beside(2, "cairn-provider-parts", &["cairn-crypto"]) },
    beside(2, "cairn-provider-aws-lc", &["cairn-wire", "cairn-crypto", "cairn-provider-parts"]),
    Entry {
        no_std: true,
        ..beside(2, "cairn-provider-rustcrypto", &["cairn-wire", "cairn-crypto", "cairn-provider-parts"])
    },
    beside(
        3,
        "cairn-provider-check",
        // The providers that others are compared with.
        &[
            "cairn-wire",
            "cairn-crypto",
            "cairn-schedule",
            "cairn-provider-aws-lc",
            "cairn-provider-rustcrypto",
        ],
    ),
    Entry {
        place: Place::Above(9),
        ..beside(
            9,
            "cairn-cli",
            // `decode` uses the wire format directly, and opens the records of a capture with the key
            // schedule and the record layer. `serve` uses async streams. Key files may be encrypted, which no
            // provider decrypts. cairn-tls re-exports the rest.
            &[
                "cairn-wire",
                "cairn-crypto",
                "cairn-schedule",
                "cairn-record",
                "cairn-tls",
                "cairn-tokio",
                "cairn-quinn",
                "cairn-x509",
                "cairn-provider-aws-lc",
                "cairn-provider-parts",
                "cairn-proxy",
            ],
        )
    },
    // The shared sessions and the keys in tokens are behind features. Key files may be encrypted.
    Entry {
        only_optional: &["cairn-redis", "cairn-pkcs11"],
        ..beside(9, "cairn-proxy", &["cairn-tokio", "cairn-provider-parts"])
    },
    // Its keys need layers 1 and 2 and the certificates; its answers for async connections need layer 9.
    Entry {
        place: Place::Beneath(9),
        only_optional: &["cairn-tokio"],
        ..beside(9, "cairn-pkcs11", &["cairn-wire", "cairn-crypto", "cairn-x509"])
    },
    beside(8, "cairn-bogo-shim", &["cairn-tls", "cairn-quic", "cairn-provider-aws-lc"]),
    Entry { place: Place::Outside, may: May::Anything, ..beside(8, "cairn-benches", &[]) },
    Entry {
        place: Place::Outside,
        may: May::Anything,
        // It contains assembly to talk to valgrind; its Cargo.toml has lints of its own with the reason.
        own_lints: true,
        ..beside(8, "cairn-constant-time", &[])
    },
    // The connection, and the provider that needs no operating system.
    Entry {
        place: Place::Outside,
        no_std: true,
        ..beside(8, "cairn-no-std-example", &["cairn-crypto", "cairn-tls", "cairn-provider-rustcrypto"])
    },
    Entry { place: Place::Outside, ..beside(8, "xtask", &[]) },
];

/// The rules for one crate.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) name: &'static str,
    pub(super) place: Place,
    pub(super) may: May,
    /// Dependencies that are allowed only if optional.
    pub(super) only_optional: &'static [&'static str],
    /// Whether its `lib.rs` must declare `#![no_std]`.
    pub(super) no_std: bool,
    /// Whether it may have its own lints instead of the workspace's. Only for crates that are not published.
    pub(super) own_lints: bool,
}

/// The workspace crates on which a crate may depend.
#[derive(Debug)]
pub(super) enum May {
    Only(&'static [&'static str]),
    Anything,
}

/// The position of a crate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// A layer of the stack.
    Layer(u8),
    /// Beside the stack, on top of this layer.
    Beside(u8),
    /// Beside the stack, on top of this layer, and below the other crates beside it.
    Beneath(u8),
    /// Beside the stack, on top of this layer and of the other crates beside it.
    Above(u8),
    /// Not published.
    Outside,
}

const fn layer(number: u8, name: &'static str, may: &'static [&'static str]) -> Entry {
    let place = Place::Layer(number);
    Entry { name, place, may: May::Only(may), only_optional: &[], no_std: true, own_lints: false }
}

const fn beside(number: u8, name: &'static str, may: &'static [&'static str]) -> Entry {
    let place = Place::Beside(number);
    Entry { name, place, may: May::Only(may), only_optional: &[], no_std: false, own_lints: false }
}

impl Place {
    /// The order of positions. A crate beside a layer is above that layer and below the next.
    pub(super) fn height(self) -> u16 {
        match self {
            Self::Layer(number) => u16::from(number) * 4,
            Self::Beneath(number) => u16::from(number) * 4 + 1,
            Self::Beside(number) => u16::from(number) * 4 + 2,
            Self::Above(number) => u16::from(number) * 4 + 3,
            Self::Outside => u16::MAX,
        }
    }

    /// The first column of the table.
    pub(super) fn label(self) -> String {
        match self {
            Self::Layer(number) => number.to_string(),
            Self::Beside(number) | Self::Beneath(number) | Self::Above(number) => format!("on {number}"),
            Self::Outside => "-".to_owned(),
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Layer(number) => write!(f, "layer {number}"),
            Self::Beside(number) => write!(f, "beside the stack, on layer {number}"),
            Self::Beneath(number) => write!(f, "beside the stack, on layer {number}, beneath the others"),
            Self::Above(number) => write!(f, "beside the stack, on layer {number}, above the others"),
            Self::Outside => f.write_str("outside the stack"),
        }
    }
}

impl Entry {
    pub(super) fn of(name: &str) -> Option<&'static Self> {
        LIST.iter().find(|entry| entry.name == name)
    }

    /// Checks one dependency of this crate. The error is the reason why it is not allowed.
    pub(super) fn judge(&self, edge: &Edge) -> Result<(), String> {
        let to = edge.to.as_str();
        if edge.kind == Kind::Dev || self.allows(to) {
            return Ok(());
        }
        if self.only_optional.contains(&to) {
            return if edge.optional {
                Ok(())
            } else {
                Err("it is allowed as an optional dependency only".to_owned())
            };
        }
        let Some(target) = Self::of(to) else {
            return Err(format!("{to} is not in the list"));
        };
        let (here, there) = (self.place, target.place);
        Err(match there.height().cmp(&here.height()) {
            Ordering::Greater => format!("it goes up ({here} to {there})"),
            Ordering::Equal => format!("it goes sideways ({here})"),
            Ordering::Less => "it goes down, but the list does not name it".to_owned(),
        })
    }

    fn allows(&self, to: &str) -> bool {
        match self.may {
            May::Only(names) => names.contains(&to),
            May::Anything => true,
        }
    }
}
