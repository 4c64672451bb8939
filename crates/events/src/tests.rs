mod damage;
mod faults;
mod reading;
mod rig;
mod standing;
