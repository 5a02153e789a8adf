//! Strategies for the parts of messages. They leak the memory that the messages borrow.

use cairn_wire::*;
use proptest::collection::vec;
use proptest::prelude::*;

pub(crate) fn leak<T>(items: Vec<T>) -> &'static [T] {
    Box::leak(items.into_boxed_slice())
}

pub(crate) fn bytes(min: usize, max: usize) -> impl Strategy<Value = &'static [u8]> {
    vec(any::<u8>(), min..=max).prop_map(leak)
}

pub(crate) fn list<T>(
    item: impl Strategy<Value = T>,
    min: usize,
    max: usize,
) -> impl Strategy<Value = List<'static, T>>
where
    T: Decode<'static> + Encode + Clone + core::fmt::Debug + 'static,
{
    vec(item, min..=max).prop_map(|items| List::from_items(leak(items)))
}

macro_rules! code {
    ($type:ident) => {
        prop_oneof![
            proptest::sample::select($type::KNOWN),
            any::<[u8; 2]>().prop_map(|bytes| $type::decode(&mut Reader::new(&bytes)).unwrap())
        ]
    };
}

pub(crate) use code;

/// A block without duplicate extensions.
pub(crate) fn block<E>(extension: impl Strategy<Value = E>) -> impl Strategy<Value = Extensions<'static, E>>
where
    E: Extension<'static> + core::fmt::Debug + 'static,
{
    vec(extension, 0..16).prop_map(|mut extensions| {
        let mut seen = std::collections::HashSet::new();
        extensions.retain(|extension| seen.insert(extension.extension_type()));
        Extensions::from_items(leak(extensions))
    })
}
