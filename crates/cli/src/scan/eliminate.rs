//! Enumeration by elimination: what the server chooses is removed from the offer, until it refuses.

use crate::failure::Failure;

/// Returns the values that a server accepts, in the order in which it selects them. `choose` sends the values
/// that are left to the server, and returns the selected one, or `None` if the server refuses them all.
pub(super) fn eliminate<T: Copy + PartialEq>(
    offer: &[T],
    mut choose: impl FnMut(&[T]) -> Result<Option<T>, Failure>,
) -> Result<Vec<T>, Failure> {
    let mut left = offer.to_vec();
    let mut chosen = Vec::new();
    while !left.is_empty() {
        let Some(choice) = choose(&left)? else { break };
        // A server may choose what was not offered; that ends the enumeration.
        let Some(place) = left.iter().position(|one| *one == choice) else { break };
        chosen.push(left.remove(place));
    }
    Ok(chosen)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn choices_are_found_in_the_order_of_the_server() {
        let server = [5, 1, 3];
        let choose = |left: &[i32]| Ok(server.iter().copied().find(|one| left.contains(one)));
        assert_eq!(eliminate(&[1, 2, 3, 4, 5], choose).unwrap(), [5, 1, 3]);
        let choose = |left: &[i32]| Ok(left.iter().copied().find(|one| server.contains(one)));
        assert_eq!(eliminate(&[1, 2, 3, 4, 5], choose).unwrap(), [1, 3, 5]);
    }

    #[test]
    fn server_that_chooses_what_was_not_offered_ends_the_enumeration() {
        let mut asked = 0;
        let choose = |_: &[i32]| {
            asked += 1;
            Ok(Some(7))
        };
        assert_eq!(eliminate(&[6, 7, 8], choose).unwrap(), [7]);
        assert_eq!(asked, 2);
    }
}
