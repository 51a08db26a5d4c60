//! Bars for long work, on standard error and only where somebody looks.

use std::borrow::Cow;

use indicatif::{ProgressBar, ProgressStyle};

/// A bar over so many steps; it goes when it is dropped.
pub(super) fn bar(title: impl Into<Cow<'static, str>>, steps: u64) -> ProgressBar {
    let bar = ProgressBar::new(steps).with_prefix(title);
    let style = ProgressStyle::with_template("{prefix:>34} [{bar:40}] {human_pos}/{human_len} {msg}");
    bar.with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
        .with_finish(indicatif::ProgressFinish::AndClear)
}
