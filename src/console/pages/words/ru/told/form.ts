/** A refusal in Russian: a sentence with `{1}` for the first value of the original, or a function of the values. */
export type Told = string | ((...values: string[]) => string)
