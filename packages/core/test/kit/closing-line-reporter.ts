export default function closingLine() { return {}; }
