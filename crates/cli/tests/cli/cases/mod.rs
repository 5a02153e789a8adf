//! Cases that people have reported of one stack or another, each a sample of its kind.

mod answers;
mod certificates;
mod files;
mod serving;
