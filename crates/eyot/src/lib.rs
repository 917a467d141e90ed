//! The embedding API: plugs front end, core image and runtime together.
