//! An order that keeps to what was seen of it, and to the usual one where nothing was seen.

/// The gates in an order in which every pair's first comes before its second; `None` when there is none.
pub(super) fn keeping(gates: &[String], pairs: &[&(String, String)]) -> Option<Vec<String>> {
    let mut left: Vec<&String> = gates.iter().collect();
    let mut order = Vec::new();
    while !left.is_empty() {
        let waits = |gate: &String| {
            pairs
                .iter()
                .any(|(first, second)| second == gate && left.contains(&first))
        };
        let next = left.iter().position(|gate| !waits(gate))?;
        order.push(left.remove(next).clone());
    }
    Some(order)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn texts(words: &str) -> Vec<String> {
        words.split(' ').map(str::to_owned).collect()
    }

    fn pair(first: &str, second: &str) -> (String, String) {
        (first.to_owned(), second.to_owned())
    }

    #[test]
    fn what_nothing_says_stays_as_it_is() {
        assert_eq!(keeping(&texts("a b c"), &[]), Some(texts("a b c")));
        assert_eq!(keeping(&texts("a b c d"), &[&pair("c", "a")]), Some(texts("b c a d")));
    }

    #[test]
    fn what_contradicts_itself_has_no_order() {
        assert_eq!(keeping(&texts("a b"), &[&pair("a", "b"), &pair("b", "a")]), None);
    }

    proptest! {
        #[test]
        fn any_order_is_found_from_its_neighbours(order in Just(texts("a b c d e f")).prop_shuffle()) {
            let pairs: Vec<_> = order.windows(2).map(|it| pair(&it[0], &it[1])).collect();
            let pairs: Vec<_> = pairs.iter().collect();
            prop_assert_eq!(keeping(&texts("a b c d e f"), &pairs), Some(order));
        }
    }
}
