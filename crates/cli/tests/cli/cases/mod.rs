//! Cases known from TLS stacks, each representing a class of faults.

mod answers;
mod certificates;
mod files;
mod serving;
