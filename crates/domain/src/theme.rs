//! The colours of the pages.

use crate::words;

words! {
    /// The colours a person chose.
    #[derive(Default)]
    Theme, "theme" {
        /// As the system has it.
        #[default]
        System = "system", "As the system has it";
        /// Light.
        Light = "light", "Light";
        /// Dark.
        Dark = "dark", "Dark";
    }
}
