//! How a pace reacts to AWS's throttles. All paces slow down and recover in the same way.

/// The maximum number of times that the pace is halved.
const MAX_HALVINGS: u32 = 3;

/// The slowdown of a pace. A throttle means that another caller uses the same quota: the pace is halved, at most to an eighth. Each halving
/// is undone after [`Self::SUCCESSES_TO_RECOVER`] requests without another throttle.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Slowdown {
    halvings: u32,
    calm: u32,
    throttles: u64,
}

impl Slowdown {
    /// The number of requests without a throttle after which the pace doubles again.
    pub const SUCCESSES_TO_RECOVER: u32 = 10;

    /// Reports a request that AWS throttled.
    pub fn throttled(&mut self) {
        self.halvings = (self.halvings + 1).min(MAX_HALVINGS);
        self.calm = 0;
        self.throttles += 1;
    }

    /// Reports a request that was not throttled.
    pub fn succeeded(&mut self) {
        self.calm += 1;
        if self.calm >= Self::SUCCESSES_TO_RECOVER {
            self.calm = 0;
            self.halvings = self.halvings.saturating_sub(1);
        }
    }

    /// How many times as long as usual a request waits: 1, 2, 4 or 8.
    #[must_use]
    pub const fn factor(self) -> u32 {
        1 << self.halvings
    }

    /// How often AWS throttled a request.
    #[must_use]
    pub const fn throttles(self) -> u64 {
        self.throttles
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn throttles_halve_the_pace_to_an_eighth_at_most_and_calm_undoes_them_one_by_one() {
        let mut slowdown = Slowdown::default();
        let factors: Vec<_> = (0..5)
            .map(|_| {
                slowdown.throttled();
                slowdown.factor()
            })
            .collect();
        assert_eq!((factors, slowdown.throttles()), (vec![2, 4, 8, 8, 8], 5));
        // A throttle starts the count again.
        (1..Slowdown::SUCCESSES_TO_RECOVER).for_each(|_| slowdown.succeeded());
        slowdown.throttled();
        let factors: Vec<_> = (0..4 * Slowdown::SUCCESSES_TO_RECOVER)
            .map(|_| {
                slowdown.succeeded();
                slowdown.factor()
            })
            .collect();
        let whole = |factor: u32, count: u32| vec![factor; count as usize];
        let expected = [whole(8, 9), whole(4, 10), whole(2, 10), whole(1, 11)].concat();
        assert_eq!((factors, slowdown.throttles()), (expected, 6));
    }
}
