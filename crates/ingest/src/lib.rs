//! The doors: which protocol speaks on which path, what is admitted, and what is answered. Ends in `&dyn Sink`.

pub mod native;
