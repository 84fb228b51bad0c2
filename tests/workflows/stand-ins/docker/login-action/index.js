for (const name of ["registry", "username", "password"]) {
  if (!process.env[`INPUT_${name.toUpperCase()}`]) {
    console.log(`::error::the input ${name} is empty`);
    process.exitCode = 1;
  }
}
