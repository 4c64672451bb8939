mod damage;
mod faults;
mod profiles;
mod reading;
mod rig;
mod standing;
