//! Every integration test, in one binary so that everything is linked once.

mod cases;
mod imports;
mod properties;
mod readme;
