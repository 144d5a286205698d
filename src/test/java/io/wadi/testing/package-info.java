/** What the tests of all packages share: which programs are there, and what to do without. */
package io.wadi.testing;
