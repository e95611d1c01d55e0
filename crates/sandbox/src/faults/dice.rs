//! Repeatable dice for faults with a probability.

/// SplitMix64: the same seed throws the same numbers.
#[derive(Debug)]
pub(super) struct Dice(u64);

impl Dice {
    pub(super) fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// Whether an event of this probability happens now.
    pub(super) fn shows(&mut self, probability: f64) -> bool {
        // 32 random bits are plenty, and convert without loss.
        let throw = u32::try_from(self.next() >> 32).unwrap_or(0);
        probability >= 1.0 || f64::from(throw) < probability * (f64::from(u32::MAX) + 1.0)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_dice_keep_to_the_probability_and_repeat() {
        let throws = |seed| {
            let mut dice = Dice::new(seed);
            (0..10_000).map(|_| dice.shows(0.3)).collect::<Vec<_>>()
        };
        let hits = throws(7).into_iter().filter(|hit| *hit).count();
        assert!((2_800..3_200).contains(&hits), "{hits}");
        assert_eq!(throws(7), throws(7));
        assert!(!Dice::new(1).shows(0.0));
        assert!(Dice::new(1).shows(1.0));
    }
}
