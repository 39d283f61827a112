//! Append-only journal files: append, group sync, read, verify, repair a torn tail.
